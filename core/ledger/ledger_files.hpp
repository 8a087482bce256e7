// Whether the names of a ledger's files still lead to the files that are
// open. A ledger that is deleted while it is in use goes on without a name,
// and is gone when its process ends.

#pragma once

#include "core/base/error.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

namespace sluice {

/// All names that a ledger's files have or may come to have, its own first:
/// those of SQLite, the lock, the copies that migrations make, and those of the
/// ledger that is to take its place.
[[nodiscard]] std::vector<std::filesystem::path>
names_of_ledger(const std::filesystem::path& ledger);

/// The ledger of a new job before it takes the place of `ledger`.
[[nodiscard]] std::filesystem::path
successor_of(const std::filesystem::path& ledger);

/// Removes `ledger` and what SQLite and the lock have beside it, as far as it
/// is there. Returns why one could not be removed.
std::error_code remove_ledger_files(const std::filesystem::path& ledger);

class ledger_files {
public:
  /// Remembers what the ledger, its -wal, -shm and .lock are now, as far as
  /// they are there.
  explicit ledger_files(const std::filesystem::path& ledger);

  /// ec::disk, naming the file and what to do, when one of them is another or
  /// gone. Costs a stat for each.
  [[nodiscard]] caf::error check() const;

  /// Where the ledger's name leads to another file by now: renames the -wal to
  /// `<ledger>-wal.<seconds>`, for SQLite would play it back into that file.
  /// Returns the new name; nullopt when there is nothing to rename.
  /// REQUIRES: the ledger is still open.
  [[nodiscard]] std::optional<std::filesystem::path> set_wal_aside() const;

private:
  struct known_file {
    std::filesystem::path path;
    dev_t device = 0;
    ino_t node = 0;
  };

  enum class fate { same, other, gone };
  [[nodiscard]] static fate fate_of(const known_file& file);

  std::filesystem::path ledger_;
  std::vector<known_file> known_;
};

} // namespace sluice
