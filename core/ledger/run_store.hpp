// The part of a ledger that a running job works with: planned batches are
// handed out, submitted and settled; runs end; checkpoints are committed.
//
// One process runs a job. All states and transitions of a batch are in
// core/model/batch_state.hpp. A change that its batch's state does not allow
// fails with ec::internal and has no effect.

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/submit_limits.hpp"
#include "core/model/batch.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "core/model/submit_result.hpp"
#include "core/model/submit_ticket.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Each function that changes something is one transaction, durable on return,
/// unless a group is open.
class run_store {
public:
  virtual ~run_store() = default;

  // -- groups ---------------------------------------------------------------

  /// Opens a group: the changes that follow become durable together, with
  /// `end_group`, which costs one write to the disk for all. REQUIRES: no group
  /// is open.
  ///
  /// While a group is open, every function sees its changes, though they may
  /// still be undone. So until `end_group` has returned without an error,
  /// nothing that was changed may be made known, and no submit may depend on
  /// it. What is read meanwhile may be used for further changes of this ledger,
  /// which are undone together with the group, and for requests that may be
  /// repeated: a group that is lost ends the job.
  ///
  /// A change that is refused (a batch in another state, a run that another
  /// batch has) is refused alone. Any other failure undoes the group: later
  /// changes fail, and so do `next_planned` and `end_group`.
  [[nodiscard]] virtual caf::error begin_group() = 0;
  /// Closes the group. After an error none of its changes has any effect.
  [[nodiscard]] virtual caf::error end_group() = 0;

  // -- submitting -----------------------------------------------------------

  /// Hands out the batches that `hold_interrupted` left to repeat, then planned
  /// batches that are not handed out yet: those that were divided most often
  /// first, then in input order. What the search for bad URLs keeps back
  /// follows once the search releases it (core/ledger/bad_url_search.hpp), in
  /// full batches if possible. nullopt if no batch is left. A batch stays
  /// handed out until it leaves `planned` or comes back to it. If a limit
  /// leaves room for a part of a batch, two planned batches take its place.
  /// Fails if the group that is open was undone.
  [[nodiscard]] virtual caf::expected<std::optional<url_batch>>
  next_planned() = 0;
  /// How many batches `next_planned` can still hand out, with those that the
  /// search for bad URLs keeps back. URLs of a decision to submit again that
  /// wait for a batch count as one batch.
  [[nodiscard]] virtual caf::expected<uint64_t> planned_left() = 0;
  /// Limits what `next_planned` hands out from now on. URLs count when they are
  /// handed out. These do not count again: submits to repeat, batches that come
  /// back to `planned`, parts of a batch, and URLs to retry that this process
  /// has submitted before.
  virtual void limit_submits(submit_limits limits) = 0;
  /// The limit that kept the last `next_planned` from handing out a batch
  /// although URLs are pending, as part of a sentence. Empty if none did.
  [[nodiscard]] virtual const std::string& limited_by() const noexcept = 0;
  /// planned → in flight, claimed by a worker. Call before the POST, which then
  /// counts as sent. If the API honours idempotency keys, the POST's ticket is
  /// kept. It replaces the ticket of an earlier submit that created nothing.
  [[nodiscard]] virtual caf::error
  begin_submit(batch_key batch, const lease& claim,
               const std::optional<submit_ticket>& ticket = {}) = 0;
  /// in flight: its submit is about to be repeated with the ticket it has, and
  /// counts as sent. Errors: ec::internal if it has no ticket.
  [[nodiscard]] virtual caf::error
  repeat_submit(batch_key batch, const lease& claim) = 0;
  /// in flight → what became of the submit. `text` is the run id if it was
  /// accepted, the reason if the batch is held or rejected, and what the API
  /// said if the batch is narrowed. `now_ms` is the wall clock: a run's age
  /// counts from it. Errors: ec::bad_reply if another batch has the run, whose
  /// captures would be delivered twice. A batch can be split or narrowed if it
  /// has two URLs or more. After an error the batch is in flight.
  [[nodiscard]] virtual caf::error settle(batch_key batch, submit_result result,
                                          const std::string& text,
                                          int64_t now_ms) = 0;
  /// Holds the batches that a start finds in flight: their outcome is unknown,
  /// and the lock on the ledger has ended their leases. With `repeatable` (the
  /// API honours idempotency keys) those with a ticket stay in flight, for
  /// `next_planned` to hand out. Returns how many are held.
  [[nodiscard]] virtual caf::expected<uint64_t>
  hold_interrupted(bool repeatable = false) = 0;
  /// How many batches to repeat have not been handed out yet.
  [[nodiscard]] virtual size_t left_to_repeat() const noexcept = 0;
  /// True once any batch was accepted.
  [[nodiscard]] virtual caf::expected<bool> has_runs() = 0;
  /// Sets the rule by which URLs of runs that end from now on are submitted
  /// again, and applies a changed number of retries to runs that have ended.
  /// `next_planned` pools these URLs once there are enough for a run, or once
  /// nothing else can add more.
  [[nodiscard]] virtual caf::error retry_missing_by(retry_rule rule) = 0;

  // -- runs -----------------------------------------------------------------

  /// running → ended: terminal at the API, captures not read yet. `saved` are
  /// the status reply's values for later templates.
  [[nodiscard]] virtual caf::error
  record_end(batch_key batch, const run_result& end,
             const std::map<std::string, std::string>& saved) = 0;
  /// running → held, for the user to decide: the run was given up and may still
  /// bill. If a part of its captures was delivered, the run is set aside: its
  /// batch must neither be submitted again as a whole nor become another run.
  [[nodiscard]] virtual caf::error
  give_up(batch_key batch, const std::string& reason) = 0;
  /// running → set_aside: its status stays unreadable.
  [[nodiscard]] virtual caf::error
  set_aside(batch_key batch, const std::string& reason) = 0;
  /// The runs that a new process must continue: running and ended.
  [[nodiscard]] virtual caf::expected<std::vector<open_run>> open_runs() = 0;
  /// ended: what reading its captures needs to begin or to continue.
  [[nodiscard]] virtual caf::expected<paging_start>
  start_paging(batch_key batch) = 0;

  // -- delivering -----------------------------------------------------------

  /// For each run in `point`: ended → ended, done or set_aside. Stores the
  /// positions of all sinks in the same transaction. Without sinks and runs,
  /// stores only what was spent. Errors: ec::internal for an earlier delivery.
  [[nodiscard]] virtual caf::error commit(const checkpoint& point) = 0;
  /// The committed position of a sink; nullopt before its first checkpoint.
  [[nodiscard]] virtual caf::expected<std::optional<sink_position>>
  position_of(const std::string& sink) = 0;
  /// The last committed delivery number.
  [[nodiscard]] virtual caf::expected<uint64_t> last_delivery() = 0;
};

} // namespace sluice
