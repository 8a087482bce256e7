// Converts a ledger of an earlier format to the current one, at the first start
// with a sluice that writes it.
//
// A new format needs one more entry in the table of steps, and one more ledger
// for the tests to continue.

#pragma once

#include "core/db/sqlite.hpp"

#include <filesystem>

namespace sluice {

/// The steps alone, within the caller's transaction. ledger_objects runs them
/// in an empty ledger, to know what a converted one defines.
[[nodiscard]] caf::error
run_migrations(sqlite::database& db, int64_t from, int64_t to);

/// Converts a ledger from format `from` to `ledger_format` in one transaction.
/// Copies the ledger first, to `copy_of_format`: durable, with the ledger's
/// permissions, replacing an earlier copy.
/// REQUIRES: this process has the ledger locked; no transaction is open;
/// earliest_ledger_format <= from < ledger_format.
/// Errors: those of a transaction, and ec::disk if the copy cannot be made; the
/// ledger is then unchanged.
[[nodiscard]] caf::error migrate_ledger(sqlite::database& db, int64_t from);

} // namespace sluice
