// The ledger's tables: created in a new file, recognised in an old one.

#pragma once

#include "core/sqlite.hpp"

namespace sluice {

/// Sets up the connection, then creates the tables in an empty file or checks
/// that the file holds a ledger; one of an earlier format is brought to the
/// current one.
/// REQUIRES: this process has the ledger locked.
/// Errors: ec::ledger_unusable for another program's file, a newer format or
/// damage; ec::disk.
[[nodiscard]] caf::error prepare_ledger(sqlite::database& db);

/// The same for a ledger that another process may be using, which must exist
/// and is not changed. Returns its format.
[[nodiscard]] caf::expected<int64_t>
prepare_attached_ledger(sqlite::database& db);

} // namespace sluice
