// One process per ledger: an advisory lock on a file next to it. The kernel
// releases it however the process ends.
//
// The ledger's own file is not locked at first: closing any descriptor of that
// file drops SQLite's POSIX locks.

#pragma once

#include "core/base/error.hpp"
#include "core/base/file_descriptor.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace sluice {

class ledger_lock {
public:
  /// The canonical name of a file, without links or relative parts: the lock
  /// depends on the name. Also used for files that are not ledgers.
  [[nodiscard]] static std::filesystem::path
  one_name_of(const std::filesystem::path& file);

  /// Locks `ledger` by `<ledger>.lock`. That file contains the process id and
  /// is never removed. Errors: ec::ledger_locked, ec::disk.
  [[nodiscard]] static caf::expected<ledger_lock>
  take(const std::filesystem::path& ledger);

  /// The same, but waits while another process has it locked. Calls `goes_on` a
  /// few times a second with that process's id, as `holder` returns it, or ""
  /// if the process has just ended; false ends the wait (ec::interrupted).
  [[nodiscard]] static caf::expected<ledger_lock>
  take_when_free(const std::filesystem::path& ledger,
                 const std::function<bool(const std::string&)>& goes_on);

  /// The id of the process that has `ledger` locked ("unknown" if it cannot be
  /// read); nullopt if it is not locked.
  [[nodiscard]] static std::optional<std::string>
  holder(const std::filesystem::path& ledger);

  /// ec::ledger_locked if a process has `ledger` locked.
  [[nodiscard]] static caf::error
  check_free(const std::filesystem::path& ledger);

  /// Locks the ledger itself, too, which exists by now: then deleting the lock
  /// file does not let another process in. REQUIRES: this outlives every
  /// descriptor of the ledger that this process has open, see above. Errors:
  /// ec::ledger_locked, ec::disk.
  [[nodiscard]] caf::error cover(const std::filesystem::path& ledger);

private:
  explicit ledger_lock(file_descriptor file) : file_{std::move(file)} {}
  file_descriptor file_;
  file_descriptor ledger_;
};

} // namespace sluice
