// Brings a ledger of an earlier format to the current one, at the first start
// of a sluice that has it.
//
// A new format is one more entry in the table of steps, and one more ledger
// among those that the tests continue.

#pragma once

#include "core/db/sqlite.hpp"

#include <filesystem>

namespace sluice {

/// The format that this sluice writes.
inline constexpr int64_t ledger_format = 6;

/// The earliest one that can be brought to it. Reports read ledgers from here
/// on as they are: a step only adds what they do not ask for.
inline constexpr int64_t earliest_ledger_format = 3;

/// The steps alone, within a transaction of the caller's.
[[nodiscard]] caf::error
run_migrations(sqlite::database& db, int64_t from, int64_t to);

/// The copy of `ledger` that is made before it leaves `format`, and its name
/// while it is not whole.
[[nodiscard]] std::filesystem::path
copy_of_format(std::filesystem::path ledger, int64_t format);
[[nodiscard]] std::filesystem::path
unfinished_copy_of(std::filesystem::path copy);

/// Brings a ledger from format `from` to `ledger_format` in one transaction.
/// Before it, a copy of the ledger is made: `copy_of_format`, durable
/// and with the ledger's permissions, in place of an earlier copy.
/// REQUIRES: this process has the ledger locked; no transaction is open;
/// `from` is one of those above.
/// Errors: as of a transaction, and ec::disk when the copy cannot be made;
/// the ledger is then as it was.
[[nodiscard]] caf::error migrate_ledger(sqlite::database& db, int64_t from);

} // namespace sluice
