#include "config/check.hpp"
#include "core/base/either.hpp"
#include "core/base/units.hpp"

#include <algorithm>

namespace sluice::config {

namespace {

/// A limit in the unit of its field.
std::string limit_text(field_kind kind, int64_t limit) {
  if (kind == field_kind::duration)
    return duration_text(std::chrono::milliseconds{limit});
  if (kind == field_kind::size)
    return size_text(static_cast<uint64_t>(limit));
  return std::to_string(limit);
}

/// " from 1 to 16", " of at least 1", or "".
std::string range_text(const field& spec) {
  if (spec.min && spec.max)
    return " from " + limit_text(spec.kind, *spec.min) + " to "
           + limit_text(spec.kind, *spec.max);
  if (spec.min)
    return " of at least " + limit_text(spec.kind, *spec.min);
  if (spec.max)
    return " of at most " + limit_text(spec.kind, *spec.max);
  return {};
}

std::string number_text(const field& spec, const std::string& noun) {
  auto range = range_text(spec);
  if (spec.min && spec.min == spec.max)
    return limit_text(spec.kind, *spec.min);
  if (!spec.choices.empty())
    range += ", or " + either(spec.choices);
  return noun + range;
}

} // namespace

std::string wanted(const field& spec) {
  switch (spec.kind) {
    case field_kind::text:
      return "text";
    case field_kind::secret:
      return "text, preferably ${VARIABLE} or ${file:/path}";
    case field_kind::path:
      return "a file name";
    case field_kind::boolean:
      return "true or false";
    case field_kind::integer:
      return number_text(spec, "a whole number");
    case field_kind::number:
      return number_text(spec, "a number");
    case field_kind::duration:
      return number_text(spec, "a duration (such as 500ms, 10s, 5m, 24h)");
    case field_kind::size:
      return number_text(spec, "a size (such as 64KiB, 16MiB)");
    case field_kind::choice:
      return either(spec.choices);
    case field_kind::text_list:
      return spec.choices.empty()
               ? "a list of strings, or one string"
               : "a list of one or more of " + either(spec.choices);
    case field_kind::integer_list:
      return "a list of whole numbers" + range_text(spec);
    case field_kind::pointers:
      return "JSON Pointers such as /data/id, one or a list"
             + (spec.choices.empty() ? "" : ", or " + either(spec.choices));
    case field_kind::columns:
      return "a list of mappings, each with name and from";
    case field_kind::text_map:
    case field_kind::pairs:
      return "a mapping of names to strings";
    case field_kind::text_or_map:
      return "one string, or a mapping of names to strings";
    case field_kind::typed_list:
      return "a list of mappings, each with a type: "
             + either(names_of(spec.children));
    default:
      return "a mapping";
  }
}

std::vector<std::string> names_of(const std::vector<field>& fields) {
  std::vector<std::string> out;
  out.reserve(fields.size());
  for (auto& one : fields)
    out.push_back(one.name);
  return out;
}

const field* child_of(const field& spec, std::string_view name) {
  auto found =
    std::find_if(spec.children.begin(), spec.children.end(),
                 [&](const field& child) { return child.name == name; });
  return found == spec.children.end() ? nullptr : &*found;
}

} // namespace sluice::config
