// Checks a simulator's options before it starts. Only simulator.cpp uses it.

#pragma once

#include "core/base/error.hpp"
#include "simulator/simulator.hpp"

namespace sluice::sim {

/// ec::usage for the first option outside its range.
[[nodiscard]] caf::error check(const simulator_options& options);

} // namespace sluice::sim
