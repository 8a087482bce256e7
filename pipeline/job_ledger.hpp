// Which ledger a run works with: the one that is there, a new one, or one that
// takes the place of an earlier job's.

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

  /// Before anything is made but the lock of a ledger that is waited for:
  /// refuses a ledger that a new job left behind, one that another process has,
  /// unless it is to be waited for, and a first start that could not begin.
  /// Mends a change of ledgers that a kill cut off. Errors: ec::usage,
  /// ec::disk, ec::ledger_locked, ec::interrupted, and as of the sinks.
  [[nodiscard]] caf::error check_place();

  /// Opens the ledger, begins a new job where the options say so, and binds it
  /// to the config. Errors: ec::usage where the job does not go on, and the
  /// ledger's.
  [[nodiscard]] caf::error open();

  /// After the import: the new job's ledger takes the old one's place, if
  /// there was one. Errors: ec::usage when the old job goes on after all, and
  /// ec::disk.
  [[nodiscard]] caf::error take_place();

  /// Submits URLs again where the options say so, and says that, and which
  /// retries go on. Nothing may keep the job from starting now. Errors: the
  /// ledger's.
  [[nodiscard]] caf::error begin_retry();

  /// There are URLs that this would submit again. REQUIRES: the job is
  /// finished. Errors: the ledger's.
  [[nodiscard]] caf::expected<bool> has_to_retry() const;

  /// After an import that failed: removes a ledger that holds nothing, so that
  /// nothing was done. It may not be used any more.
  void forget_failed_import();

  /// REQUIRES: `open` succeeded.
  [[nodiscard]] ledger& store() const { return *store_; }
  [[nodiscard]] const std::shared_ptr<ledger>& shared() const { return store_; }

  /// The earlier job's ledger is still in its place.
  [[nodiscard]] bool is_successor() const { return successor_ != nullptr; }

  /// All URLs have an outcome. Errors: the ledger's.
  [[nodiscard]] caf::expected<bool> is_finished() const;

  /// There are held batches, and a way to look for their runs.
  [[nodiscard]] bool may_find_runs() const;

private:
  [[nodiscard]] caf::error wait_for_lock();
  [[nodiscard]] caf::error open_store();
  [[nodiscard]] caf::error check_not_left();
  /// The job could go on in the files of its sinks.
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
  std::unique_ptr<successor_ledger> successor_; ///< set: as `left_`
};

} // namespace sluice
