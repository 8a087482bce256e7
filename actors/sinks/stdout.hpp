// The sink `stdout`: prints captures, one per line. Only the registry includes
// it.

#pragma once

#include "actors/sinks/sink.hpp"

namespace sluice {

[[nodiscard]] sink_type stdout_sink_type();

} // namespace sluice
