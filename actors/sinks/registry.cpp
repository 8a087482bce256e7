#include "actors/sinks/registry.hpp"

#include <algorithm>

namespace sluice {

/// Every sink, in the manual's order. A source of this folder defines its
/// `sink_type NAME_sink_type()`.
#define SLUICE_SINKS(each) each(file) each(stdout) each(webhook) each(null)

#define SLUICE_DECLARE(name) sink_type name##_sink_type();
#define SLUICE_CALL(name) name##_sink_type(),

SLUICE_SINKS(SLUICE_DECLARE)

std::span<const sink_type> sink_registry() {
  static const std::vector<sink_type> types{SLUICE_SINKS(SLUICE_CALL)};
  return types;
}

std::vector<config::sink_spec> sink_specs() {
  std::vector<config::sink_spec> specs;
  for (const auto& type : sink_registry())
    specs.push_back(type.spec);
  return specs;
}

const sink_type* find_sink_type(std::string_view name) {
  auto types = sink_registry();
  auto found = std::find_if(types.begin(), types.end(), [&](const auto& type) {
    return type.spec.type == name;
  });
  return found == types.end() ? nullptr : &*found;
}

} // namespace sluice
