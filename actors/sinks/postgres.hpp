// The sink `postgres`: a row per capture in a table of PostgreSQL, each exactly
// once. Its position counts captures, deliveries and rows, and says where the
// dead letter file ends.

#pragma once

#include "actors/sinks/postgres_options.hpp"
#include "actors/sinks/sink.hpp"

#include <memory>

namespace sluice {

[[nodiscard]] std::unique_ptr<sink>
make_postgres_sink(const sink_context& context, postgres_options options);

/// Undoes the rows that the sink has stored after `committed`; leaves its dead
/// letters alone. Errors: those of `open`; ec::disk if the database is not the
/// job's.
[[nodiscard]] caf::error cut_back_rows(const sink_context& context,
                                       postgres_options options,
                                       const sink_position& committed);

} // namespace sluice
