// The error for a sink's section that `sink_spec` alone cannot refuse.

#pragma once

#include "actors/sinks/sink.hpp"

namespace sluice {

/// ec::usage: what is wrong in the section of the sink, and what to do.
[[nodiscard]] inline caf::error
wrong_section(const sink_context& context, const std::string& what) {
  return make_error(ec::usage, "Sink " + in_quotes(context.name) + ": " + what);
}

} // namespace sluice
