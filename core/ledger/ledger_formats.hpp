// The formats of ledgers that are still known, and the statements that create
// each.

#pragma once

#include <cstdint>

namespace sluice {

/// The format that this sluice writes.
inline constexpr int64_t ledger_format = 6;

/// The earliest format that can be converted to `ledger_format`. Reports read
/// such ledgers without converting them: the steps only add what reports do not
/// need.
inline constexpr int64_t earliest_ledger_format = 3;

/// Several statements, to be run in an empty database within a transaction.
/// REQUIRES: earliest_ledger_format <= format <= ledger_format.
[[nodiscard]] const char* ledger_tables(int64_t format);

} // namespace sluice
