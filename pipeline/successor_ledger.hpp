// The ledger of a new job that replaces an old job's. It is filled next to the
// old one, which keeps its name until all lists are read: a failure or a kill
// before that leaves the old job unchanged.

#pragma once

#include "core/ledger/ledger.hpp"
#include "core/ledger/ledger_lock.hpp"

#include <filesystem>
#include <memory>

namespace sluice {

class successor_ledger {
public:
  /// Creates an empty ledger `<ledger>.new` and removes what a killed process
  /// left under that name. REQUIRES: this process has `ledger` open. Errors:
  /// ec::usage if a job has submitted with a ledger of that name, and those of
  /// `open_ledger`.
  [[nodiscard]] static caf::expected<std::unique_ptr<successor_ledger>>
  make(const std::filesystem::path& ledger);

  /// Completes a `put_in_place` whose process was killed: renames an imported
  /// `<ledger>.new` if there is no `<ledger>`. Call before `ledger` is opened.
  /// Errors: ec::disk, and those of `open_ledger` and `ledger_file::close`.
  [[nodiscard]] static caf::error complete(const std::filesystem::path& ledger);

  /// Whether `ledger` has a name that `put_in_place` gives to an old one.
  [[nodiscard]] static bool is_left(const std::filesystem::path& ledger);

  /// Whether the job in `ledger`, open as `store`, was left, whatever the
  /// ledger's name. False while the new job's ledger, which the mark names, is
  /// still next to it: then the replacement was interrupted. Errors: the
  /// ledger's.
  [[nodiscard]] static caf::expected<bool>
  is_left(ledger_file& store, const std::filesystem::path& ledger);

  /// ec::usage, with the ways to continue. A job that was left no longer owns
  /// its outputs: what follows its last checkpoint is the next job's, and
  /// continuing would cut that off.
  [[nodiscard]] static caf::error
  left_error(const std::filesystem::path& ledger);
  /// `left_error` if `is_left(ledger)`.
  [[nodiscard]] static caf::error
  check_not_left(const std::filesystem::path& ledger);

  /// Removes its files unless it was put in place, or the old job is still
  /// marked as replaced by it.
  ~successor_ledger();
  successor_ledger(const successor_ledger&) = delete;
  successor_ledger& operator=(const successor_ledger&) = delete;

  [[nodiscard]] const std::shared_ptr<ledger>& store() const { return store_; }

  /// What `put_in_place` returns.
  struct placed {
    std::filesystem::path aside; ///< the old ledger's new name
    ledger_lock lock;            ///< of `<ledger>`, to open it with
  };

  /// Marks `old` as left, renames it to `<ledger>.<seconds>.old` and this one
  /// to `<ledger>`. First closes both, for good, but keeps them locked.
  /// `<ledger>` stays locked afterwards, so that no waiting process can take
  /// it. If the process is killed between the two renames, `complete` does the
  /// second. Errors: ec::disk if one cannot be renamed (then all names are as
  /// before), and those of `ledger_file::close`.
  [[nodiscard]] caf::expected<placed> put_in_place(ledger& old);

private:
  /// Returns the old ledger's new name.
  [[nodiscard]] caf::expected<std::filesystem::path> rename_both();
  void take_mark_away(ledger& old);

  successor_ledger(std::filesystem::path place, std::filesystem::path name)
      : place_{std::move(place)}, name_{std::move(name)} {}

  std::filesystem::path place_; ///< the old ledger's name
  std::filesystem::path name_;
  std::shared_ptr<ledger> store_;
  /// The old job is marked as replaced by this one. The mark counts only if
  /// this ledger is not next to the old one; if it is, the next start removes
  /// the mark.
  bool is_marked_ = false;
};

} // namespace sluice
