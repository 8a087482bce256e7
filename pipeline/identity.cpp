#include "pipeline/identity.hpp"

#include "core/signature.hpp"

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

/// Texts, paths and choices; durations, limits and secrets may change.
bool decides(const config::field& field) {
  return field.kind == field_kind::text || field.kind == field_kind::path
         || field.kind == field_kind::choice;
}

/// A text may be an address with a token in it, so its hash stands for it: the
/// ledger keeps the identity, and a refusal shows it.
std::string trace_of(const config::field& field, const std::string& value) {
  constexpr size_t digits = 16;
  return field.kind == field_kind::text
           ? "#" + sha256_hex({value}).substr(0, digits)
           : value;
}

/// A key that may be given later has an entry of its own, empty without it.
void add_sink(job_identity& identity, const sink_settings& sink,
              std::span<const config::sink_spec> specs) {
  auto name = "sinks." + sink.name;
  auto text = "type=" + sink.type;
  auto spec = std::find_if(specs.begin(), specs.end(), [&](auto& candidate) {
    return candidate.type == sink.type;
  });
  if (spec != specs.end())
    for (auto& field : spec->fields) {
      if (!decides(field) || field.when_continued == change::allowed)
        continue;
      auto given = sink.fields.has(field.name);
      auto value = given ? sink.fields.text(field.name) : std::string{};
      if (field.when_continued == change::first_time)
        identity.emplace_back(name + "." + field.name, value);
      else if (given)
        text += " " + field.name + "=" + trace_of(field, value);
    }
  identity.emplace_back(name, text);
}

} // namespace

job_identity
identity_of(const settings& config, std::span<const config::sink_spec> specs) {
  job_identity identity{
    {"api.profile", config.api.profile->name},
    {"api.base_url", config.api.profile->base},
    {"runs.robot", robots_text(config.runs.robots)},
  };
  for (auto& sink : config.sinks)
    add_sink(identity, sink, specs);
  return identity;
}

} // namespace sluice
