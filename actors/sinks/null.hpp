// The sink `null`: counts captures and keeps nothing. For rehearsals and
// measurements; the registry and the sink `webhook` include it.

#pragma once

#include "actors/sinks/sink.hpp"

namespace sluice {

[[nodiscard]] sink_type null_sink_type();

/// In a rehearsal, this also replaces sinks that would contact another machine.
[[nodiscard]] std::unique_ptr<sink>
make_null_sink(const sink_context& context, const config::section& fields);

} // namespace sluice
