// The ledger of a new job that takes the place of an old one's. It is filled
// beside the old one, which loses its name only when all lists were read:
// whatever fails or is killed before that leaves the old job as it was.

#pragma once

#include "core/ledger/ledger.hpp"
#include "core/ledger/ledger_lock.hpp"

#include <filesystem>
#include <memory>

namespace sluice {

class successor_ledger {
public:
  /// Makes an empty ledger `<ledger>.new`; what a killed process left under
  /// that name is removed. REQUIRES: this process has `ledger` open. Errors:
  /// ec::usage when a job has submitted with a ledger of that name, and as
  /// of `open_ledger`.
  [[nodiscard]] static caf::expected<std::unique_ptr<successor_ledger>>
  make(const std::filesystem::path& ledger);

  /// Puts in place what `put_in_place` had no time for when its process was
  /// killed: an imported `<ledger>.new` where there is no `<ledger>`. To be
  /// called before `ledger` is opened. Errors: ec::disk, and as of
  /// `open_ledger` and `ledger_file::close`.
  [[nodiscard]] static caf::error complete(const std::filesystem::path& ledger);

  /// Whether `ledger` has a name that `put_in_place` gives to an old one.
  [[nodiscard]] static bool is_left(const std::filesystem::path& ledger);

  /// Whether the job of `store`, which is `ledger`, was left, whatever name it
  /// has now. Not so while the ledger of the job that it is marked to be left
  /// for is still beside it: the change was cut off. Errors: the ledger's.
  [[nodiscard]] static caf::expected<bool>
  is_left(ledger_file& store, const std::filesystem::path& ledger);

  /// ec::usage, with the ways on. A job that was left has no outputs any more:
  /// what stands behind its last checkpoint is the next job's, and going on
  /// would cut that off.
  [[nodiscard]] static caf::error
  left_error(const std::filesystem::path& ledger);
  /// That, when `ledger` has such a name.
  [[nodiscard]] static caf::error
  check_not_left(const std::filesystem::path& ledger);

  /// Removes its files unless it was put in place, or the old job is still
  /// marked as left for it.
  ~successor_ledger();
  successor_ledger(const successor_ledger&) = delete;
  successor_ledger& operator=(const successor_ledger&) = delete;

  [[nodiscard]] const std::shared_ptr<ledger>& store() const { return store_; }

  /// What `put_in_place` leaves.
  struct placed {
    std::filesystem::path aside; ///< the old ledger's new name
    ledger_lock lock;            ///< of `<ledger>`, to open it with
  };

  /// Marks `old` as left, renames it to `<ledger>.<seconds>.old` and this one
  /// to `<ledger>`. Both are closed and locked meanwhile, and stay closed;
  /// `<ledger>` stays locked, so that nobody who waits for it comes in between.
  /// What a process leaves that is killed between the two, `complete` mends.
  /// Errors: ec::disk when one cannot be renamed (then all names are as
  /// before), and as of `ledger_file::close`.
  [[nodiscard]] caf::expected<placed> put_in_place(ledger& old);

private:
  /// Returns the old one's new name.
  [[nodiscard]] caf::expected<std::filesystem::path> rename_both();
  void take_mark_away(ledger& old);

  successor_ledger(std::filesystem::path place, std::filesystem::path name)
      : place_{std::move(place)}, name_{std::move(name)} {}

  std::filesystem::path place_; ///< the old ledger's name
  std::filesystem::path name_;
  std::shared_ptr<ledger> store_;
  /// The old job is marked as left for this one. Without this one beside it, it
  /// would be; with it, the next start takes the mark away.
  bool is_marked_ = false;
};

} // namespace sluice
