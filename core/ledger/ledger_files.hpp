// The names of a ledger's files, and a check that they still lead to the open
// files. A ledger that is deleted while it is in use keeps working without a
// name, and disappears when its process ends.

#pragma once

#include "core/base/error.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

namespace sluice {

/// All names that a ledger's files have or may get, its own first: those of
/// SQLite, the lock, the copies that migrations make, and those of the ledger
/// that will replace it.
[[nodiscard]] std::vector<std::filesystem::path>
names_of_ledger(const std::filesystem::path& ledger);

/// The name of the copy of `ledger` that is made before its conversion from
/// `format`, and the name of that copy until it is complete.
[[nodiscard]] std::filesystem::path
copy_of_format(std::filesystem::path ledger, int64_t format);
[[nodiscard]] std::filesystem::path
unfinished_copy_of(std::filesystem::path copy);

/// The ledger of a new job before it takes the place of `ledger`.
[[nodiscard]] std::filesystem::path
successor_of(const std::filesystem::path& ledger);

/// Removes `ledger` and the files of SQLite and of the lock next to it, if they
/// exist. Returns why one could not be removed.
std::error_code remove_ledger_files(const std::filesystem::path& ledger);

class ledger_files {
public:
  /// Remembers the identity of the ledger, its -wal, -shm and .lock, if they
  /// exist.
  explicit ledger_files(const std::filesystem::path& ledger);

  /// ec::disk, with the file and what to do, if one of them was replaced or is
  /// gone. Costs one stat per file.
  [[nodiscard]] caf::error check() const;

  /// If the ledger's name now leads to another file, renames the -wal to
  /// `<ledger>-wal.<seconds>`: SQLite would play it back into that file.
  /// Returns the new name; nullopt if there is nothing to rename. REQUIRES: the
  /// ledger is still open.
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
