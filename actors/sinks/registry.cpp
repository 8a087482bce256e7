#include "actors/sinks/registry.hpp"

#include "actors/sinks/sink_list.hpp"

#include <algorithm>

namespace sluice {

#define SLUICE_CALL(name) name##_sink_type(),

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
