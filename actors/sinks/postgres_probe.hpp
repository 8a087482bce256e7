// The probe of a postgres sink for `check --online`.

#pragma once

#include "actors/sinks/postgres_options.hpp"
#include "core/model/probe_result.hpp"

#include <chrono>

namespace sluice {

/// Connects within `limit`, and compares the tables with what the sink writes.
/// Changes nothing.
[[nodiscard]] probe_result probe_postgres(const postgres_options& options,
                                          std::chrono::milliseconds limit);

} // namespace sluice
