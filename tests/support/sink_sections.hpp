// A sink's section as the loader makes it, with defaults filled in and the
// values of nested sections under dotted names.

#pragma once

#include "config/fields.hpp"
#include "core/base/units.hpp"
#include "core/select/column.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace sluice::test {

using given_values = std::map<std::string, config::value>;

namespace detail {

inline config::value default_of(const config::field& field) {
  using config::field_kind;
  const auto& text = field.default_value;
  if (text.empty())
    return std::monostate{};
  switch (field.kind) {
    case field_kind::integer:
      return int64_t{std::stoll(text)};
    case field_kind::size:
      return static_cast<int64_t>(parse_size(text).value());
    case field_kind::duration:
      return parse_duration(text).value();
    case field_kind::boolean:
      return text == "true";
    case field_kind::text:
    case field_kind::path:
    case field_kind::choice:
      return text;
    default:
      throw std::logic_error("no such default: " + field.name);
  }
}

inline void fill_section(config::section& section,
                         const std::vector<config::field>& fields,
                         given_values& given, const std::string& prefix) {
  for (const auto& field : fields) {
    auto name = prefix + field.name;
    if (auto found = given.find(name); found != given.end()) {
      section.set(name, found->second);
      given.erase(found);
    } else if (field.kind == config::field_kind::section) {
      section.set(name, false);
    } else if (field.required) {
      throw std::logic_error("not given: " + name);
    } else {
      section.set(name, default_of(field));
    }
    fill_section(section, field.children, given, name + ".");
  }
}

} // namespace detail

/// Throws if `given` has a name that `spec` lacks, or lacks a required one.
[[nodiscard]] inline config::section
section_of(const config::sink_spec& spec, given_values given = {}) {
  config::section section;
  detail::fill_section(section, spec.fields, given, "");
  if (!given.empty())
    throw std::logic_error("no such field: " + given.begin()->first);
  return section;
}

/// A column of the config.
[[nodiscard]] inline column column_of(std::string name, std::string pointer,
                                      column_type type = column_type::text) {
  column out;
  out.name = std::move(name);
  out.from = {std::move(pointer)};
  out.type = type;
  return out;
}

} // namespace sluice::test
