#include "config/identity.hpp"

#include "config/columns.hpp"
#include "core/base/digest.hpp"

#include <algorithm>

namespace sluice {

namespace {

using config::change;
using config::field_kind;

std::string robots_text(const robot_map& robots) {
  std::string text;
  for (auto& [host, robot] : robots.by_host)
    text += host + "=" + robot + " ";
  for (auto& [domain, robot] : robots.below)
    text += "*." + domain + "=" + robot + " ";
  return robots.fallback.empty() ? text : text + "*=" + robots.fallback;
}

/// True for texts and lists of them, paths, choices and columns; durations,
/// limits and secrets may change.
bool decides(const config::field& field) {
  switch (field.kind) {
    case field_kind::text:
    case field_kind::text_list:
    case field_kind::path:
    case field_kind::choice:
    case field_kind::columns:
      return true;
    default:
      return false;
  }
}

/// Different lists have different texts.
std::string list_text(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& word : list)
    text += std::to_string(word.size()) + ":" + word;
  return text;
}

/// REQUIRES: the field decides.
std::string text_of(const config::field& field, const config::section& values) {
  if (field.kind == field_kind::columns)
    return config::canonical_text(values.get<column_list>(field.name));
  if (field.kind == field_kind::text_list)
    return list_text(values.get<std::vector<std::string>>(field.name));
  return values.text(field.name);
}

/// A text may be a URL that contains a token. Its hash is used instead, because
/// the ledger stores the identity and error messages show it. That of columns
/// and of a list is shorter than they are.
std::string trace_of(const config::field& field, const std::string& value) {
  constexpr size_t digits = 16;
  return field.kind == field_kind::path || field.kind == field_kind::choice
           ? value
           : "#" + sha256_hex({value}).substr(0, digits);
}

const config::sink_spec*
spec_of(std::string_view type, std::span<const config::sink_spec> specs) {
  auto found = std::find_if(specs.begin(), specs.end(), [&](auto& candidate) {
    return candidate.type == type;
  });
  return found == specs.end() ? nullptr : &*found;
}

/// The fields that decide and may not always change, those of nested sections
/// under their dotted names.
std::vector<config::field> deciding(const std::vector<config::field>& fields,
                                    const std::string& prefix = {}) {
  std::vector<config::field> out;
  for (auto& field : fields) {
    if (decides(field) && field.when_continued != change::allowed) {
      out.push_back(field);
      out.back().name = prefix + field.name;
    }
    if (field.kind == field_kind::section)
      for (auto& child : deciding(field.children, prefix + field.name + "."))
        out.push_back(std::move(child));
  }
  return out;
}

/// A key that may be added later has a separate entry, which is empty if the
/// key is not set.
void add_sink(job_binding& identity, const sink_settings& sink,
              std::span<const config::sink_spec> specs) {
  auto name = "sinks." + sink.name;
  auto text = "type=" + sink.type;
  if (auto* spec = spec_of(sink.type, specs))
    for (auto& field : deciding(spec->fields)) {
      auto given = sink.fields.has(field.name);
      auto value = given ? text_of(field, sink.fields) : std::string{};
      if (field.when_continued == change::first_time)
        identity.emplace_back(name + "." + field.name, value);
      else if (given)
        text += " " + field.name + "=" + trace_of(field, value);
    }
  identity.emplace_back(name, text);
}

/// Removes the fields at the end of an entry, up to a path, and returns those
/// that are no address. Only a path contains spaces, and the fields stand in
/// the order of the spec, so a path that looks like fields is left whole.
std::string
take_form(std::string& entry, const std::vector<config::field>& fields) {
  std::string form;
  for (auto field = fields.rbegin();
       field != fields.rend() && field->kind != field_kind::path; ++field) {
    auto begin = " " + field->name + "=";
    auto at = std::min(entry.rfind(' '), entry.size());
    if (entry.compare(at, begin.size(), begin) != 0)
      continue;
    if (!field->is_address)
      form.insert(0, entry, at);
    entry.resize(at);
  }
  return form;
}

/// Removes the end of an entry from its first path on.
void cut_paths(std::string& entry, const std::vector<config::field>& fields) {
  for (auto& field : fields)
    if (field.kind == field_kind::path)
      entry.resize(std::min(entry.find(" " + field.name + "="), entry.size()));
}

} // namespace

job_binding
identity_of(const settings& config, std::span<const config::sink_spec> specs) {
  job_binding identity{
    {"api.profile", config.api.profile->name},
    {"api.base_url", config.api.profile->base},
    {"runs.robot", robots_text(config.runs.robots)},
    {std::string{ledger_folder}, config.ledger.parent_path().native()},
  };
  for (auto& sink : config.sinks)
    add_sink(identity, sink, specs);
  return identity;
}

std::string
form_of(const std::string& entry, std::span<const config::sink_spec> specs) {
  constexpr std::string_view begin = "type=";
  auto type = entry.substr(0, entry.find(' '));
  auto* spec = type.starts_with(begin)
                 ? spec_of(type.substr(begin.size()), specs)
                 : nullptr;
  if (spec == nullptr)
    return entry;
  auto fields = deciding(spec->fields);
  std::erase_if(fields, [](auto& field) {
    return field.when_continued != change::refused;
  });
  auto rest = entry;
  auto form = take_form(rest, fields);
  cut_paths(rest, fields);
  return rest + form;
}

} // namespace sluice
