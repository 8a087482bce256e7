// The part of a ledger for decisions: about batches that are held and runs that
// were set aside, and about URLs to submit again. The user makes them from
// another process while the job runs, or they follow from evidence.

#pragma once

#include "core/base/error.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/run.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Each function that changes something is one transaction, durable on return,
/// unless a group is open (core/ledger/run_store.hpp).
class decision_store {
public:
  virtual ~decision_store() = default;

  /// A held batch with its URLs. Errors: ec::usage if it is not held.
  [[nodiscard]] virtual caf::expected<url_batch>
  held_batch(batch_key batch) = 0;
  /// At most `limit` held batches without a known run.
  [[nodiscard]] virtual caf::expected<std::vector<held_submit>>
  held_submits(size_t limit) = 0;
  /// True if a batch has, or had, this run.
  [[nodiscard]] virtual caf::expected<bool>
  knows_run(const std::string& run_id) = 0;

  /// held → running as `run_id`. Errors: ec::usage if the batch is not held or
  /// another batch has the run.
  [[nodiscard]] virtual caf::error
  adopt(batch_key batch, const std::string& run_id, int64_t now_ms) = 0;
  /// `adopt` on evidence: false, and nothing is changed, if the batch is no
  /// longer held, another batch has the run, or the run may belong to a submit
  /// that is in flight.
  [[nodiscard]] virtual caf::expected<bool>
  adopt_found(batch_key batch, const std::string& run_id, int64_t now_ms) = 0;
  /// held → split: a planned batch with the same URLs takes its place, so they
  /// may be paid for again. Errors: ec::usage if it is not held.
  [[nodiscard]] virtual caf::error resubmit(batch_key batch) = 0;
  /// held or set_aside → done, lost: its URLs without a capture count as
  /// failed. Errors: ec::usage for a batch in another state.
  [[nodiscard]] virtual caf::error abandon(batch_key batch) = 0;
  /// set_aside → running: the API is asked about the run again, and captures
  /// not delivered yet are read. The run's age counts from now.
  /// Errors: ec::usage if the batch is not set aside.
  [[nodiscard]] virtual caf::error
  read_again(batch_key batch, int64_t now_ms) = 0;

  /// The user's decision to submit URLs of these kinds again: one transaction
  /// moves them to a new round, where they are pending until submitted. URLs of
  /// an unfinished retry are left out. If there are none, all counts are zero
  /// and no round begins.
  [[nodiscard]] virtual caf::expected<begun_round>
  begin_round(const retry_kinds& kinds, int64_t now_ms) = 0;

  /// True if another process has changed the ledger since the last call.
  [[nodiscard]] virtual caf::expected<bool> changed_beside() = 0;
  /// Runs adopted, or to be read again, since `open_runs` or the last call, for
  /// the running job to continue.
  [[nodiscard]] virtual caf::expected<std::vector<open_run>> take_adopted() = 0;
};

} // namespace sluice
