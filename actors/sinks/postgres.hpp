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

} // namespace sluice
