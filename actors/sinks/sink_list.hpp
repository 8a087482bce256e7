// The list of all sinks. Each source that defines a sink includes it, so that
// the definition is checked against the declaration.

#pragma once

#include "actors/sinks/sink.hpp"

/// In the manual's order. A source of this folder defines each function
/// `NAME_sink_type`.
#define SLUICE_SINKS(each)                                                     \
  each(file) each(stdout) each(webhook) each(sqlite) each(postgres) each(null)

namespace sluice {

#define SLUICE_DECLARE(name) [[nodiscard]] sink_type name##_sink_type();
SLUICE_SINKS(SLUICE_DECLARE)
#undef SLUICE_DECLARE

} // namespace sluice
