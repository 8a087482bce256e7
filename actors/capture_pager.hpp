// Reads the captures of terminal runs, page by page and several runs at a
// time, gives every page its number in the one delivery order, and hands it to
// all sinks.
//
// Two parts do the rest: checkpoint_coordinator commits the checkpoints, and
// download_fetcher brings a run's captures as one file, where the API has
// files. The parts of a file are pages to everything behind them.

#pragma once

#include "actors/checkpoint_coordinator.hpp"
#include "actors/download_fetcher.hpp"
#include "actors/drain_gate.hpp"
#include "actors/protocol.hpp"
#include "actors/reading_run.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/page_window.hpp"
#include "core/flow/reading_order.hpp"
#include "core/flow/timing.hpp"
#include "core/flow/unreadable_replies.hpp"
#include "core/model/batch.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice {

struct capture_pager_config {
  rate_limiter_actor limiter;
  api_pool_actor pool;
  ledger_keeper_actor ledger;
  run_submitter_actor submitter;
  supervisor_actor supervisor;
  std::vector<sink_actor> sinks;
  std::vector<download_reader_actor> readers; ///< none: captures are paged
  bool can_page = true;                       ///< the profile describes paging
  /// What a run may spend. 0: as many as it has URLs. nullopt: no limit.
  std::optional<uint64_t> budget = 0;
  std::shared_ptr<job_counters> counters;
  timing times;
  size_t window = default_page_window; ///< bytes
  /// A checkpoint is due after this many delivered bytes.
  size_t checkpoint_bytes = 64 << 20;
  uint64_t last_delivery = 0;       ///< committed
  std::function<int64_t()> wall_ms; ///< milliseconds since 1970
  uint64_t seed = 0;                ///< for the backoff's jitter
};

class capture_pager_state : private checkpoint_owner, private download_owner {
public:
  using pointer = capture_pager_actor::stateful_pointer<capture_pager_state>;
  static inline constexpr const char* name = "capture-pager";

  explicit capture_pager_state(pointer self) : self_{self} {}

  [[nodiscard]] capture_pager_actor::behavior_type
  make_behavior(capture_pager_config config);

private:
  /// At most this many runs wait for a permit, so that the oldest get the next.
  static constexpr unsigned most_asking = 4;

  /// A page in the sinks' hands.
  struct delivery {
    size_t bytes = 0;
    size_t missing_acks = 0;
  };

  void make_parts();

  // -- turns, capture_pager_turns.cpp -----------------------------------------

  void start(const terminal_run& run);
  /// As many runs as may be read now get their turn.
  void begin_turns();
  void begin_turn(const reading_ptr& run);
  void load(const reading_ptr& run);
  void loaded(const reading_ptr& run, paging_start& begin);
  /// Ends the run's turn for `wait`, so that other runs can proceed.
  void pause(const reading_ptr& run, duration wait) override;
  /// The run's pause is over.
  void resume(batch_key batch);
  /// Frees the memory of a run that does not have its turn, unless it has
  /// changes to commit. Like after a restart, the ledger knows the rest.
  void unload(reading_run& run);

  // ---------------------------------------------------------------------------

  void ready(const reading_ptr& run) override;
  /// The run has its turn, and its next request may be made.
  void enqueue(const reading_ptr& run);
  /// Takes the oldest run that may fetch something now; nullptr if none.
  [[nodiscard]] reading_ptr take_ready();
  [[nodiscard]] bool may_fetch() const override;
  void fetch_more();
  void go_on() override;
  void fetch(const reading_ptr& run);
  void ask_page(const reading_ptr& run, size_t reserved, const permit& granted);
  /// A request that a drain waits for.
  void request_failed(const caf::error& reason);
  void on_reply(const reading_ptr& run, size_t reserved, page_reply& reply);
  void on_page(const reading_ptr& run, size_t reserved, page_reply& reply);
  void on_link(const reading_ptr& run, const read_verdict& verdict) override;
  void on_failure(const reading_ptr& run, const read_verdict& verdict);
  /// The run is to be downloaded, but can be paged.
  [[nodiscard]] bool may_page_instead(const reading_run& run) const;
  void on_gone(const reading_ptr& run, const read_verdict& verdict);
  /// A failure that may pass. Failures of a server other than the API's are
  /// tolerated only for a limited time.
  void on_passing(const reading_ptr& run, const read_verdict& verdict);
  /// Nothing can be read where the API's link led: lists the run again from its
  /// start, to get a fresh link. False: that was tried and did not help.
  [[nodiscard]] bool list_anew(const reading_ptr& run);
  void follow(const reading_ptr& run, listing_step step);
  void
  on_unreadable(const reading_ptr& run, size_t reserved, page_reply& reply);
  /// Sets the run aside, unless the API is at fault: then it waits.
  void give_up(const reading_ptr& run, const std::string& reason) override;
  /// False: the API is at fault, and the run waits.
  [[nodiscard]] bool
  may_set_aside(const reading_ptr& run, const std::string& reason);
  /// A page is larger than api.max_body, and will be the next time: the run is
  /// set aside at once.
  void on_too_large(const reading_ptr& run, const read_verdict& verdict);
  /// Like `may_set_aside`, but waiting does not help: if run after run is too
  /// large, the job stops before it buys more.
  [[nodiscard]] bool
  may_set_aside_large(const reading_ptr& run, const std::string& reason);
  /// Keeps the reply, then sets the run aside.
  void keep(const reading_ptr& run, std::shared_ptr<const std::string> body,
            const std::string& reason);
  void set_aside(const reading_ptr& run, const std::string& reason);
  void on_readable(reading_run& run) override;
  /// The API has recovered, or no run is left to show that it has.
  void end_fault();
  /// Reads the runs again that were set aside because the API was at fault.
  /// Calls `then` once the submitter has them, or at once if there are none.
  void read_again(const std::function<void()>& then);
  /// Asks for the run's status, to learn how many captures it reports now.
  void recount(const reading_ptr& run);
  void ask_status(const reading_ptr& run, const permit& granted);
  void on_status(const reading_ptr& run, const status_reply& reply);
  void recounted(const reading_ptr& run, std::optional<uint64_t> reported);
  /// A failure that is not another server's.
  void note_own(reading_run& run, const read_verdict& verdict);
  /// True if a server other than the API's has failed the run for too long.
  [[nodiscard]] bool is_astray(reading_run& run) const override;
  /// The API denies the run once more. True when it has done so for too long.
  [[nodiscard]] bool is_gone(reading_run& run, const read_verdict& verdict);
  void on_known(reading_run& run);
  void finish(const reading_ptr& run, std::optional<std::string> lost = {});
  /// Nothing more of the run is fetched.
  void end(const reading_ptr& run, reading_run::phase how);
  void take(const reading_ptr& run, size_t reserved, page_reply& reply,
            listing_step step, std::vector<capture_span> fresh) override;
  /// Delivers what is new of a reply that has arrived, and marks the run as
  /// changed.
  void pass_on(const reading_ptr& run, size_t reserved, page_reply& reply,
               std::vector<capture_span> fresh);
  void deliver(const reading_ptr& run, page_reply& reply,
               std::vector<capture_span> fresh);
  void on_ack(uint64_t number);
  /// The run has changed: there is something to commit.
  void touch(const reading_ptr& run);
  void add_changes(checkpoint& point) override;
  [[nodiscard]] static run_progress progress_of(reading_run& run);
  void on_committed(const checkpoint& point) override;
  void fail(const caf::error& reason) override;

  // -- what the user sees -----------------------------------------------------

  void show_start(const terminal_run& run);
  static void show_expired(const reading_run& run, const read_verdict& verdict);
  void show_captures(const reading_run& run);
  static void show_shared_id(const reading_run& run, const std::string& body,
                             const capture_span& id);
  void show_delivery(const capture_page& page);
  static void show_lost(const reading_run& run);
  static void show_fault(const reading_run& run, const std::string& reason);
  static void show_set_aside(const reading_run& run);
  void show_end(const reading_run& run);
  void show_committed(const run_progress& run, reading_run& state);
  void show_window();
  [[nodiscard]] page_wait waits_for() const;
  void show_wait() override;

  pointer self_;
  capture_pager_config config_;
  std::optional<page_window> window_;
  drain_gate drain_; ///< waits for replies from the API, but not for files
  std::optional<checkpoint_coordinator> checkpoints_;
  std::optional<download_fetcher> downloads_;
  std::map<batch_key, reading_ptr> runs_;
  reading_order order_;
  /// Runs whose next page may be fetched, by their place in the order.
  std::map<uint64_t, reading_ptr> ready_;
  unreadable_runs unreadable_;
  std::vector<batch_key> read_again_; ///< set aside for the API's fault
  std::unordered_map<uint64_t, delivery> outstanding_;
  uint64_t last_delivery_ = 0;
  /// When the API was last unreachable.
  time_point api_lost_at_ = time_point::min();
  unsigned asking_ = 0;    ///< permits for pages, not granted yet
  unsigned in_flight_ = 0; ///< pages that the API was asked for
  unsigned pausing_ = 0;   ///< runs that go on after a pause
};

capture_pager_actor::behavior_type
capture_pager(capture_pager_state::pointer self, capture_pager_config config);

} // namespace sluice
