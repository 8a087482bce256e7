// Converts a ledger of an earlier format to the current one, at the first start
// with a sluice that writes it.
//
// A new format needs one more entry in the table of steps, and one more ledger
// for the tests to continue.

#pragma once

#include "core/db/sqlite.hpp"

#include <filesystem>

namespace sluice {

/// The format that this sluice writes.
inline constexpr int64_t ledger_format = 6;

/// The earliest format that can be converted to `ledger_format`. Reports read
/// such ledgers without converting them: the steps only add what reports do not
/// need.
inline constexpr int64_t earliest_ledger_format = 3;

/// The steps alone, within a transaction of the caller's.
[[nodiscard]] caf::error
run_migrations(sqlite::database& db, int64_t from, int64_t to);

/// The name of the copy of `ledger` that is made before it leaves `format`, and
/// the name of that copy until it is complete.
[[nodiscard]] std::filesystem::path
copy_of_format(std::filesystem::path ledger, int64_t format);
[[nodiscard]] std::filesystem::path
unfinished_copy_of(std::filesystem::path copy);

/// Converts a ledger from format `from` to `ledger_format` in one transaction.
/// Copies the ledger first, to `copy_of_format`: durable, with the ledger's
/// permissions, replacing an earlier copy.
/// REQUIRES: this process has the ledger locked; no transaction is open;
/// `from` is one of those above.
/// Errors: those of a transaction, and ec::disk if the copy cannot be made; the
/// ledger is then unchanged.
[[nodiscard]] caf::error migrate_ledger(sqlite::database& db, int64_t from);

} // namespace sluice
