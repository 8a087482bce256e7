// The ledger that a run works with: an existing one, a new one, or one that
// replaces an earlier job's.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "pipeline/job.hpp"
#include "pipeline/successor_ledger.hpp"

#include <memory>
#include <optional>

namespace sluice {

class job_ledger {
public:
  /// REQUIRES: both outlive this object.
  job_ledger(const settings& config, const run_options& options)
      : config_{config}, options_{options} {}

  /// Call before anything is created; creates only the lock of a ledger that it
  /// waits for. Refuses a ledger whose job a new one replaced, one that another
  /// process has open (unless the options say to wait), and a first start that
  /// could not begin. If a kill interrupted the replacement of a ledger,
  /// completes it. Errors: ec::usage, ec::disk, ec::ledger_locked,
  /// ec::interrupted, and those of the sinks.
  [[nodiscard]] caf::error check_place();

  /// Opens the ledger, begins a new job if the options say so, and binds it to
  /// the config. Errors: ec::usage if the job cannot be continued, and the
  /// ledger's.
  [[nodiscard]] caf::error open();

  /// Call after the import. The new job's ledger takes the old one's place, if
  /// there was one. Errors: ec::usage if the old job is to be continued after
  /// all, and ec::disk.
  [[nodiscard]] caf::error take_place();

  /// Submits URLs again if the options say so. Prints what is submitted again
  /// and which retries continue. Call when nothing else can keep the job from
  /// starting. Errors: the ledger's.
  [[nodiscard]] caf::error begin_retry();

  /// Whether `begin_retry` would submit any URLs. REQUIRES: the job is
  /// finished. Errors: the ledger's.
  [[nodiscard]] caf::expected<bool> has_to_retry() const;

  /// Call after a failed import. Removes an empty ledger, so that no trace is
  /// left. Do not use the ledger afterwards.
  void forget_failed_import();

  /// REQUIRES: `open` succeeded.
  [[nodiscard]] ledger& store() const { return *store_; }
  [[nodiscard]] const std::shared_ptr<ledger>& shared() const { return store_; }

  /// Whether the earlier job's ledger is still in its place.
  [[nodiscard]] bool is_successor() const { return successor_ != nullptr; }

  /// Whether all URLs have an outcome. Errors: the ledger's.
  [[nodiscard]] caf::expected<bool> is_finished() const;

  /// Whether there are held batches and a way to look for their runs.
  [[nodiscard]] bool may_find_runs() const;

private:
  [[nodiscard]] caf::error wait_for_lock();
  [[nodiscard]] caf::error open_store();
  [[nodiscard]] caf::error check_not_left();
  /// Checks that the job can continue in the files of its sinks.
  [[nodiscard]] caf::error check_files() const;
  [[nodiscard]] caf::error begin();
  [[nodiscard]] caf::error check_first_start() const;
  [[nodiscard]] caf::error begin_successor();
  [[nodiscard]] caf::error check_still_finished() const;

  const settings& config_;
  const run_options& options_;
  std::optional<ledger_lock> lock_; ///< until `store_` has it
  std::shared_ptr<ledger> store_;
  std::shared_ptr<ledger> left_; ///< of the job that the new one replaces
  std::unique_ptr<successor_ledger> successor_; ///< set together with `left_`
};

} // namespace sluice
