// All sinks, in one list. Loading, the schema, the manual and the contract test
// iterate over it.

#pragma once

#include "actors/sinks/sink.hpp"

#include <span>

namespace sluice {

[[nodiscard]] std::span<const sink_type> sink_registry();

/// Only the specs, for the config layer.
[[nodiscard]] std::vector<config::sink_spec> sink_specs();

/// The type of that name, or nullptr.
[[nodiscard]] const sink_type* find_sink_type(std::string_view name);

} // namespace sluice
