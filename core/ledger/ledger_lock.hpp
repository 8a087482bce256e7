// One process per ledger: an advisory lock on a file beside it, released by
// the kernel however the process ends.
//
// It is not the ledger's own file at first: closing any descriptor of that
// drops SQLite's POSIX locks.

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
  /// The one name of a file, whatever link or relative path leads to it: the
  /// lock goes by name.
  [[nodiscard]] static std::filesystem::path
  one_name_of(const std::filesystem::path& file);

  /// Locks `ledger` by `<ledger>.lock`, which stays behind with the process
  /// id in it. Errors: ec::ledger_locked, ec::disk.
  [[nodiscard]] static caf::expected<ledger_lock>
  take(const std::filesystem::path& ledger);

  /// The same, but waits while another process has it locked. `goes_on` is
  /// asked again and again meanwhile, a few times a second, with that process's
  /// id as `holder` has it, or "" when it has just ended; false ends the
  /// waiting (ec::interrupted).
  [[nodiscard]] static caf::expected<ledger_lock>
  take_when_free(const std::filesystem::path& ledger,
                 const std::function<bool(const std::string&)>& goes_on);

  /// The id of the process that has `ledger` locked ("unknown" when it cannot
  /// be read); nullopt when nobody has.
  [[nodiscard]] static std::optional<std::string>
  holder(const std::filesystem::path& ledger);

  /// ec::ledger_locked when somebody has `ledger` locked.
  [[nodiscard]] static caf::error
  check_free(const std::filesystem::path& ledger);

  /// Locks the ledger itself, too, which now exists: whoever deletes the lock
  /// file lets nobody else in. REQUIRES: this outlives all that this process
  /// has open of the ledger, see above. Errors: ec::ledger_locked, ec::disk.
  [[nodiscard]] caf::error cover(const std::filesystem::path& ledger);

private:
  explicit ledger_lock(file_descriptor file) : file_{std::move(file)} {}
  file_descriptor file_;
  file_descriptor ledger_;
};

} // namespace sluice
