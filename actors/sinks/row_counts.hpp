// What sinks that write rows have in common: what becomes of a capture whose
// value for a column is missing or of another type, and how many there were.
// The counts are a part of the sink's position, so they are exact after a
// crash.

#pragma once

#include "actors/sinks/committed_rows.hpp"
#include "actors/sinks/position.hpp"
#include "actors/sinks/sink.hpp"
#include "core/select/row_selector.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The entry that counts rows in a position.
inline constexpr const char* rows_entry = "rows";

/// The entry that counts rows given up with a lost database.
inline constexpr const char* rows_given_up_entry = "rows_given_up";

/// The counts of a sink with this many columns, according to a position.
[[nodiscard]] row_counts
row_counts_in(const position_numbers& numbers, size_t columns);

/// Writes this part of a position.
void put_row_counts(position_numbers& numbers, const row_counts& counts);

/// Adds the counts of some captures to those of others. REQUIRES: the same
/// number of columns.
void add_row_counts(row_counts& sum, const row_counts& more);

/// The entry `rows` of a sink_type whose columns are under the key `columns`.
/// Errors: ec::ledger_unusable.
[[nodiscard]] caf::expected<committed_rows>
committed_rows_in(const config::section& fields,
                  const sink_position& committed);

/// A gap whose column does not allow null.
struct row_gap {
  const column* of;
  cell_state state; ///< missing or mismatched
  gap_rule rule;    ///< dead_letter or stop
};

/// Counts the gaps of a row. Returns the first one that makes the capture a
/// dead letter, or the first one that stops the job if there is any.
[[nodiscard]] std::optional<row_gap> count_gaps(const column_list& columns,
                                                std::span<const cell> row,
                                                row_counts& counts);

/// The code of the dead letter that the gap makes.
[[nodiscard]] std::string_view code_of_gap(const row_gap& gap);

/// What is wrong: "the column 'price' has no value".
[[nodiscard]] std::string text_of_gap(const row_gap& gap);

/// The error for a gap that stops the job; `title` names the sink.
[[nodiscard]] caf::error stopped_by_gap(const std::string& title,
                                        const row_gap& gap,
                                        const capture_page& page);

/// The error for a capture that was not stored, of a sink that has no dead
/// letter file. `reason` is printable.
[[nodiscard]] caf::error refused_row(const std::string& title,
                                     const std::string& reason,
                                     const capture_page& page);

/// True if a column's rule puts captures into the dead letter file.
[[nodiscard]] bool makes_dead_letters(const column_list& columns);

} // namespace sluice
