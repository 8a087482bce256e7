// The ledger's tables: created in a new file, recognised in an old one.
// `open_ledger` and `attach_ledger` begin with it.

#pragma once

#include "core/db/sqlite.hpp"

#include <cstdint>
#include <optional>

namespace sluice {

/// "sluc": SQLite's mark of a ledger's file. In the schema, too.
inline constexpr int64_t ledger_application_id = 0x736C7563;

/// Sets up the connection and finds out what the file holds, without a change:
/// the format of a ledger, or nullopt if nothing was ever written into it.
/// Errors: ec::ledger_unusable for another program's file, a format that is
/// not known, or damage; ec::disk.
[[nodiscard]] caf::expected<std::optional<int64_t>>
recognise_ledger(sqlite::database& db);

/// Creates the tables in an empty file, and converts a ledger of an earlier
/// format to the current one. `format` is what `recognise_ledger` returned.
/// REQUIRES: this process has the ledger locked.
/// Errors: ec::ledger_unusable, ec::disk.
[[nodiscard]] caf::error
prepare_ledger(sqlite::database& db, std::optional<int64_t> format);

} // namespace sluice
