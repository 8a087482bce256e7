// The sink `file`: appends captures to an `output_file`, one per line, each
// exactly once. Only the registry includes it.

#pragma once

#include "actors/sinks/sink.hpp"

namespace sluice {

[[nodiscard]] sink_type file_sink_type();

} // namespace sluice
