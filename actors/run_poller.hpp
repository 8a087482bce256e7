// Polls each active run on its schedule, and passes it on once it is durably
// recorded as terminal. A permit goes to the run that has most probably ended
// when the permit arrives.
//
// Runs come from run_submitter and, at the start, from the ledger. A run that
// is too old, or whose status stays unreadable, is given up or set aside in the
// ledger and does not go to the pager. Either way, run_submitter hears that the
// run's slot is free.

#pragma once

#include "actors/drain_gate.hpp"
#include "actors/protocol.hpp"
#include "config/settings.hpp"
#include "core/flow/denied_run.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/poll_schedule.hpp"
#include "core/flow/retry_policy.hpp"
#include "core/flow/submit_gate.hpp"
#include "core/flow/unreadable_replies.hpp"
#include "core/model/batch.hpp"
#include "core/model/run.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace sluice {

struct run_poller_config {
  rate_limiter_actor limiter;
  api_pool_actor pool;
  ledger_keeper_actor ledger;
  supervisor_actor supervisor;
  poll_settings poll;
  timing times;
  /// Runs that the API works on at once.
  uint32_t max_concurrent = slot_limits{}.max_concurrent;
  std::chrono::milliseconds max_age{};
  std::chrono::milliseconds max_pending{};
  std::shared_ptr<job_counters> counters;
  std::function<int64_t()> wall_ms;
  uint64_t seed = 0; ///< for the backoff's jitter
};

class run_poller_state {
public:
  using pointer = run_poller_actor::stateful_pointer<run_poller_state>;
  static inline constexpr const char* name = "run-poller";

  explicit run_poller_state(pointer self) : self_{self} {}

  [[nodiscard]] run_poller_actor::behavior_type
  make_behavior(run_poller_config config);

private:
  struct polled {
    active_run run;
    std::optional<poll_schedule> schedule;
    std::optional<retry_policy> backoff;
    unreadable_tries tries;
    denied_run denied;                      ///< by the API
    std::optional<time_point> active_since; ///< first seen out of the queue
    time_point submitted_at; ///< if by an earlier process: when this one took
                             ///< over the run
    bool failing = false;    ///< its last poll had no usable reply
    bool warned = false;
  };
  using polled_ptr = std::shared_ptr<polled>;

  /// The part of an open run that every reply and every timer needs. These
  /// lie side by side, so that scanning thousands takes microseconds.
  struct open_run {
    batch_key batch = 0;
    time_point next; ///< as in its schedule
    time_point due;
    bool is_queued = false;
    bool asking = false;
    polled_ptr run;
  };
  using open_runs = std::vector<open_run>;

  void add(const active_run& run);
  [[nodiscard]] open_runs::iterator find(batch_key batch);
  /// Copies what changed in the run.
  static void update(open_run& open);
  void poll_due();
  void arm();
  /// Asks for permits until there are `wanted` of this kind.
  void ask_permits(request_kind kind, size_t wanted);
  void ask_permit(request_kind kind);
  /// The run that has most probably ended, of those worth polling.
  [[nodiscard]] polled_ptr choose(time_point now);
  void ask(const polled_ptr& run, const permit& granted);
  void on_reply(const polled_ptr& run, const status_reply& reply);
  void on_status(const polled_ptr& run, const run_status& status);
  void on_gone(const polled_ptr& run, const read_verdict& verdict);
  /// Asks again after `wait`; gives the run up when it is too old.
  void ask_later(const polled_ptr& run, duration wait);
  void on_unreadable(const polled_ptr& run, const read_verdict& verdict);
  /// Sets the run aside. If the replies for several runs in a row are too
  /// large, the job stops before it buys more.
  void on_too_large(const polled_ptr& run, const read_verdict& verdict);
  void on_readable(polled& run);
  /// The API works again, or no run is left to show that it does.
  void end_fault();
  void set_aside(const polled_ptr& run, const std::string& reason);
  void read_again(std::vector<batch_key> runs);
  void end(const polled_ptr& run, const run_result& how);
  /// The run is no longer polled. Its slot goes to the next run in the API's
  /// queue.
  void remove(const polled_ptr& run);
  /// How long ago it was submitted.
  [[nodiscard]] duration since_submit(const polled& run) const;
  void check_age(const polled_ptr& run, const run_status& status);
  void give_up(const polled_ptr& run, const std::string& reason);
  void leave(const polled_ptr& run, bool to_pager);
  void fail(const caf::error& reason);
  void request_failed(const caf::error& reason);
  /// Calls `then` once the ledger has the change.
  template <class Change, class Then>
  void record(Change change, Then then);

  // -- what the user sees -----------------------------------------------------

  void show(const polled& run);
  void show_unknown(const polled& run, const run_status& status);
  void show_status(const polled& run, const run_status& status);
  void show_gone(const polled& run, const read_verdict& verdict);
  void show_ended(const polled& run, const run_result& how);
  void show_given_up(const polled& run, const std::string& reason);
  void show_set_aside(const polled& run, const std::string& reason);
  void show_wait();

  pointer self_;
  run_poller_config config_;
  run_poller_links links_;
  open_runs runs_;   ///< ordered by batch
  drain_gate drain_; ///< waits for replies from the API and the ledger
  unreadable_runs unreadable_;
  std::shared_ptr<run_history> history_ = std::make_shared<run_history>();
  std::array<size_t, request_kinds> asked_{}; ///< permits, not granted yet
  uint64_t wake_id_ = 0;                      ///< the only valid timer
};

run_poller_actor::behavior_type
run_poller(run_poller_state::pointer self, run_poller_config config);

} // namespace sluice
