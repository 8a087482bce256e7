// The sink `file`.

#pragma once

#include "actors/sinks/sink.hpp"

namespace sluice {

[[nodiscard]] sink_type file_sink_type();

} // namespace sluice
