// Copies of a ledger: whole and durable under their name, or not there at
// all. A job may go on with the ledger meanwhile; the copy has what was
// committed when it began.

#pragma once

#include "core/db/sqlite.hpp"

#include <filesystem>

namespace sluice {

/// Copies `db` into the new file `unfinished` with the permissions `mode`,
/// then names it `copy`. `replaces`: an earlier `copy` is replaced, and an
/// earlier `unfinished` removed; else neither may be there. Errors: ec::disk
/// with the reason alone (then nothing of the copy is left), and those of
/// reading `db`.
struct ledger_copy {
  std::filesystem::path copy;
  std::filesystem::path unfinished;
  mode_t mode = 0600;
  bool replaces = false;

  [[nodiscard]] caf::error make(sqlite::database& db) const;
};

} // namespace sluice
