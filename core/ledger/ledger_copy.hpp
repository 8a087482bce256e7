// Copies of a ledger, for a backup and before a migration. A copy is complete
// and durable under its name, or it does not exist. A job may use the ledger
// meanwhile; the copy has what was committed when copying began.

#pragma once

#include "core/db/sqlite.hpp"

#include <filesystem>

namespace sluice {

/// Copies `db` into the new file `unfinished` with the permissions `mode`, then
/// renames it to `copy`. With `replaces`, it replaces an earlier `copy` and
/// removes an earlier `unfinished`; otherwise neither may exist. Errors:
/// ec::disk with only the reason (then no part of the copy is left), and those
/// of reading `db`.
struct ledger_copy {
  std::filesystem::path copy;
  std::filesystem::path unfinished;
  mode_t mode = 0600;
  bool replaces = false;

  [[nodiscard]] caf::error make(sqlite::database& db) const;
};

} // namespace sluice
