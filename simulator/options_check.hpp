// Which options make sense.

#pragma once

#include "core/base/error.hpp"
#include "simulator/simulator.hpp"

namespace sluice::sim {

/// ec::usage with the first option that is out of its range.
[[nodiscard]] caf::error check(const simulator_options& options);

} // namespace sluice::sim
