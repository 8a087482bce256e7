// The sink `stdout`.

#pragma once

#include "actors/sinks/sink.hpp"

namespace sluice {

[[nodiscard]] sink_type stdout_sink_type();

} // namespace sluice
