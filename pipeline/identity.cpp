#include "pipeline/identity.hpp"

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

/// True for texts, paths, choices and columns; durations, limits and secrets
/// may change.
bool decides(const config::field& field) {
  return field.kind == field_kind::text || field.kind == field_kind::path
         || field.kind == field_kind::choice
         || field.kind == field_kind::columns;
}

/// REQUIRES: the field decides.
std::string text_of(const config::field& field, const config::section& values) {
  return field.kind == field_kind::columns
           ? config::canonical_text(values.get<column_list>(field.name))
           : values.text(field.name);
}

/// A text may be a URL that contains a token. Its hash is used instead, because
/// the ledger stores the identity and error messages show it. That of columns
/// is shorter than they are.
std::string trace_of(const config::field& field, const std::string& value) {
  constexpr size_t digits = 16;
  return field.kind == field_kind::text || field.kind == field_kind::columns
           ? "#" + sha256_hex({value}).substr(0, digits)
           : value;
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
  // Search from the last field backwards: only a path can contain text that
  // looks like another field.
  auto rest = entry;
  std::string form;
  auto fields = deciding(spec->fields);
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    auto at = rest.rfind(" " + field->name + "=");
    if (at == rest.npos || field->when_continued != change::refused)
      continue;
    if (field->kind == field_kind::choice || field->kind == field_kind::columns)
      form = rest.substr(at) + form;
    rest.resize(at);
  }
  return rest + form;
}

} // namespace sluice
