// The sink `null`, which in a rehearsal replaces sinks that would contact
// another machine.

#pragma once

#include "actors/sinks/sink.hpp"

namespace sluice {

[[nodiscard]] std::unique_ptr<sink>
make_null_sink(const sink_context& context, const config::section& fields);

} // namespace sluice
