#include "pipeline/identity.hpp"

#include <algorithm>

namespace sluice {

namespace {

using config::field_kind;

std::string robots_text(const robot_map& robots) {
  std::string text;
  for (auto& [host, robot] : robots.by_host)
    text += host + "=" + robot + " ";
  return robots.fallback.empty() ? text : text + "*=" + robots.fallback;
}

/// Texts, paths and choices; durations, limits and secrets may change.
std::string
sink_text(const sink_settings& sink, std::span<const config::sink_spec> specs) {
  auto text = "type=" + sink.type;
  auto spec = std::find_if(specs.begin(), specs.end(), [&](auto& candidate) {
    return candidate.type == sink.type;
  });
  if (spec == specs.end())
    return text;
  for (auto& field : spec->fields) {
    auto decides = field.kind == field_kind::text
                   || field.kind == field_kind::path
                   || field.kind == field_kind::choice;
    if (decides && sink.fields.has(field.name))
      text += " " + field.name + "=" + sink.fields.text(field.name);
  }
  return text;
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
    identity.emplace_back("sinks." + sink.name, sink_text(sink, specs));
  return identity;
}

} // namespace sluice
