// Turns batches into runs as slots become free. Guards promise 1: a batch is
// durably in flight before its POST is sent, and a batch whose outcome is
// unknown is held, never sent again. If the API honours idempotency keys, such
// a batch is first repeated with its own key.

#pragma once

#include "actors/drain_gate.hpp"
#include "actors/protocol.hpp"
#include "config/settings.hpp"
#include "core/api/submit_repeat.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/retry_policy.hpp"
#include "core/flow/submit_gate.hpp"
#include "core/flow/submit_phase.hpp"
#include "core/model/batch.hpp"
#include "core/model/submit_ticket.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace sluice {

/// For an API that honours idempotency keys.
struct idempotent_submits {
  submit_repeat rule;
  /// Makes a ticket for an order first sent at this wall-clock time.
  std::function<caf::expected<submit_ticket>(const submit_order&, int64_t)>
    new_ticket;
};

struct run_submitter_config {
  url_reader_actor reader;
  rate_limiter_actor limiter;
  api_pool_actor pool;
  ledger_keeper_actor ledger;
  run_poller_actor poller;
  supervisor_actor supervisor;
  run_finder_actor finder; ///< null if the API lists no runs
  std::optional<idempotent_submits> idempotent; ///< unset: nothing is repeated
  run_settings runs;
  timing times;
  std::shared_ptr<job_counters> counters;
  uint64_t active = 0; ///< runs that a restart continues with
  uint64_t unread = 0;
  uint64_t planned = 0;       ///< batches to submit
  uint64_t held = 0;          ///< batches that wait for a decision
  bool canary_passed = false; ///< an earlier submit of this job was accepted
  std::function<int64_t()> wall_ms;
  uint64_t seed = 0; ///< for the backoff's jitter
};

class run_submitter_state {
public:
  using pointer = run_submitter_actor::stateful_pointer<run_submitter_state>;
  static inline constexpr const char* name = "run-submitter";

  explicit run_submitter_state(pointer self) : self_{self} {}

  [[nodiscard]] run_submitter_actor::behavior_type
  make_behavior(run_submitter_config config);

private:
  using batch_ptr = std::shared_ptr<const url_batch>;

  /// A batch in hand whose submit has a ticket.
  struct keyed_submit {
    submit_ticket ticket;
    time_point known_since; ///< by this process's clock
    retry_policy pauses;
    bool ambiguous = false; ///< a try was ambiguous: repeat the submit
    batch_ptr resting;      ///< set during the pause before a repeat
  };

  void pump();
  [[nodiscard]] bool may_send() const;
  void ask_reader();
  void on_offer(batch_offer& offer);
  void ask_permit(const batch_ptr& batch);
  /// The permit arrived, but the batch should not be sent now.
  void on_unsent(const batch_ptr& batch);
  void post(const batch_ptr& batch, const permit& granted);
  void settle(const batch_ptr& batch, const submit_reply& reply);
  /// Forgets a batch in hand and frees its slot. Its state in the ledger stays,
  /// so the next start continues with it.
  void give_back(const url_batch& batch);
  [[nodiscard]] submit_outcome
  outcome_of(const url_batch& batch, const submit_verdict& verdict);
  void record(const batch_ptr& batch, submit_outcome outcome,
              const submit_reply& reply);
  void recorded(const url_batch& batch, const submit_outcome& outcome,
                const submit_reply& reply);
  void on_accepted(const url_batch& batch, const std::string& run_id);
  void on_held(const url_batch& batch, const std::string& reason,
               const submit_verdict& verdict);
  void on_refused(const url_batch& batch, const submit_outcome& outcome,
                  const submit_reply& reply);

  // -- repeats, run_submitter_repeat.cpp --------------------------------------

  /// Remembers the ticket of a batch: a new one, or the one it came with.
  keyed_submit& keep_ticket(batch_key batch, submit_ticket ticket);
  /// What the ledger must know before the POST; puts the ticket in the order.
  [[nodiscard]] caf::expected<submit_intent>
  intent_of(batch_key batch, submit_order& order);
  [[nodiscard]] key_age age_of(const keyed_submit& submit) const;
  /// Whether the batch must be repeated but it is too late for that.
  [[nodiscard]] bool is_too_late(batch_key batch) const;
  void hold_unsent(const batch_ptr& batch);
  void await_repeat(const batch_ptr& batch, keyed_submit& submit,
                    const submit_reply& reply);
  void rest(const batch_ptr& batch, keyed_submit& submit, duration at_least);
  void wake(batch_key batch);
  void give_back_resting();

  /// Pauses submitting for the backoff; `at_least` is the server's hint.
  void wait(duration at_least);

  // -- after an ambiguous submit, run_submitter_find.cpp ---------------------

  /// Asks whether the API answers at all.
  void probe();
  void send_probe(const permit& granted);
  void probe_failed(const caf::error& reason);
  void on_decisions(const batch_decisions& decisions);
  /// Whether runs of held batches can be looked for now.
  [[nodiscard]] bool can_find() const;
  void find_later(duration wait);
  void find_runs();

  // -- the end ----------------------------------------------------------------

  /// A batch has ended, so URLs to retry that waited for it may now be planned.
  void may_plan_more();
  /// A limit keeps URLs pending for now; empty: none does.
  void note_limit(const std::string& limit);
  /// Like `halt`, but reported at once, while the job continues.
  void end_submitting(const caf::error& reason);
  /// Submits nothing more; open runs are finished, then the job fails.
  void halt(caf::error reason);
  /// The job ends now.
  void stop_job(const caf::error& reason);
  void fail(const caf::error& reason);
  void check_finished();
  void report_end();
  [[nodiscard]] submit_order order_of(const batch_ptr& batch) const;

  // -- what the user sees -----------------------------------------------------

  void show_accepted(const url_batch& batch, const std::string& run_id);
  void show_held(const url_batch& batch, const std::string& reason);
  void show_rejected(const url_batch& batch, const submit_verdict& verdict);
  void show_counts();
  void show_wait();

  pointer self_;
  run_submitter_config config_;
  std::optional<submit_gate> gate_;
  std::optional<retry_policy> backoff_;
  std::deque<batch_ptr> parked_; ///< in hand, waiting for the pause to end
  std::map<batch_key, keyed_submit> keyed_; ///< in hand, with a ticket
  submit_phase phase_;
  drain_gate drain_; ///< waits for the POSTs whose outcome is not recorded yet
  std::set<request_kind> unreadable_; ///< kinds whose replies cannot be read
  caf::error halted_by_;
  std::string limit_; ///< the limit that keeps URLs pending; empty: none
  uint64_t left_ = 0; ///< batches to submit, beyond those in hand
  uint64_t held_ = 0; ///< batches that wait for a decision, as far as is known
  unsigned refused_alone_ = 0; ///< single URLs refused before any was accepted
  bool probing_ = false;       ///< until the probe's reply
  bool finding_ = false;       ///< until the finder's answer
  bool find_timer_ = false;
};

run_submitter_actor::behavior_type
run_submitter(run_submitter_state::pointer self, run_submitter_config config);

} // namespace sluice
