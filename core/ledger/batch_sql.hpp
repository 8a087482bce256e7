// SQL text about the states of batches, made from their one table
// (core/model/batch_state.hpp). The text depends only on the arguments, so a
// call site that keeps it in a static constant has one prepared statement.

#pragma once

#include "core/model/batch_state.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// "'held'".
[[nodiscard]] std::string quoted(batch_state state);

/// "state = 'held'", or "state IN ('running', 'ended')".
[[nodiscard]] std::string state_is(std::initializer_list<batch_state> states);

/// "state <> 'split'".
[[nodiscard]] std::string state_is_not(batch_state state);

/// "UPDATE batch SET state = 'running', run_id = ?2 WHERE state = 'in_flight'":
/// moves all batches in a state that allows `by`. `values` are the
/// other columns to set, each with a comma before it.
[[nodiscard]] std::string
update_all(batch_change by, std::string_view values = {});

/// The same for the batch ?1 only.
[[nodiscard]] std::string
update_one(batch_change by, std::string_view values = {});

/// The states that allow `by`: "held or set_aside".
[[nodiscard]] std::string origins_of(batch_change by);

} // namespace sluice
