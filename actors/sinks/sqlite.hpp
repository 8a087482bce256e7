// The sink `sqlite`: adds a row per capture to a table of an SQLite database,
// each exactly once. `sqlite_type.cpp` is its entry in the registry.

#pragma once

#include "actors/sinks/position.hpp"
#include "actors/sinks/sink.hpp"
#include "actors/sinks/sqlite_options.hpp"

#include <memory>

namespace sluice {

[[nodiscard]] std::unique_ptr<sink>
make_sqlite_sink(const sink_context& context, sqlite_options options);

/// Reads a position of this sink. Errors: ec::ledger_unusable.
[[nodiscard]] caf::expected<position_numbers>
read_sqlite_position(const sink_position& text, const sink_context& context);

} // namespace sluice
