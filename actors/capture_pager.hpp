// Reads the captures of terminal runs, page by page and several runs at a
// time, gives every page its number in the one delivery order, hands it to
// all sinks, and commits the consistent cut: every sink's position and every
// run's cursor as of one delivery, in one transaction.
//
// With download readers, a run's captures come as one file instead, for one
// request; the parts of a file are pages to everything behind them. A file is
// always read from its start: what was delivered of it before a restart is
// known by the captures' identities.

#pragma once

#include "actors/protocol.hpp"
#include "core/flow/cut_schedule.hpp"
#include "core/flow/download_policy.hpp"
#include "core/flow/failing_link.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/page_window.hpp"
#include "core/flow/retry_policy.hpp"
#include "core/flow/run_listing.hpp"
#include "core/flow/timing.hpp"
#include "core/flow/unreadable_replies.hpp"
#include "core/model/batch.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"

#include <deque>
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
  bool can_page = true;                       ///< the profile says how
  /// What a run may spend; 0: as much as it has URLs, nullopt: no limit.
  std::optional<uint64_t> budget = 0;
  std::shared_ptr<job_counters> counters;
  timing times;
  size_t window = default_page_window; ///< bytes
  size_t cut_bytes = 64 << 20; ///< delivered bytes after which a cut is due
  uint64_t last_delivery = 0;  ///< committed
  uint64_t seed = 0;           ///< of the backoff's jitter
};

class capture_pager_state {
public:
  using pointer = capture_pager_actor::stateful_pointer<capture_pager_state>;
  static inline constexpr const char* name = "capture-pager";

  explicit capture_pager_state(pointer self) : self_{self} {}

  [[nodiscard]] capture_pager_actor::behavior_type
  make_behavior(capture_pager_config config);

private:
  /// One run being read.
  struct reading {
    ended_run run;
    std::optional<run_listing> listing; ///< once the ledger has answered
    std::optional<retry_policy> backoff;
    std::optional<time_point> gone_since;
    failing_link link; ///< where another server is to be asked
    download_attempts attempts;
    unreadable_tries tries;
    bool by_pages = false;        ///< it is not downloaded any more
    bool has_bad_lines = false;   ///< its download has, the last one opened
    bool bad_lines_shown = false; ///< the log says so
    download_reader_actor reader; ///< has its download open, else null
    std::optional<run_end> done;  ///< nothing more to fetch
    std::optional<std::string> set_aside; ///< why nothing more can be read
    bool recounting = false;              ///< before its next page, its status
    bool dirty = false;                   ///< changed since the last cut
    uint64_t covered_shown = 0;
  };
  using reading_ptr = std::shared_ptr<reading>;

  /// A page in the sinks' hands.
  struct delivery {
    size_t bytes = 0;
    size_t missing_acks = 0;
  };

  void start(const ended_run& run);
  void show_start(const ended_run& run);
  void ready(const reading_ptr& run);
  void fetch_more();
  void fetch(const reading_ptr& run);
  void on_reply(const reading_ptr& run, size_t reserved, page_reply& reply);
  void on_page(const reading_ptr& run, size_t reserved, page_reply& reply);
  void on_failure(const reading_ptr& run, const read_verdict& verdict);
  void on_gone(const reading_ptr& run, const read_verdict& verdict);
  /// A failure that may pass; another server than the API's may not fail for
  /// ever.
  void on_passing(const reading_ptr& run, const read_verdict& verdict);
  /// Where the API's link led, nothing can be read: lists the run from its
  /// start, for a fresh link. False: it was listed anew in vain.
  [[nodiscard]] bool list_anew(const reading_ptr& run);
  void follow(const reading_ptr& run, listing_step step);
  void
  on_unreadable(const reading_ptr& run, size_t reserved, page_reply& reply);
  /// Sets the run aside, unless the API is at fault: then it waits.
  void give_up(const reading_ptr& run, const std::string& reason);
  /// False: the API is at fault, and the run waits.
  [[nodiscard]] bool
  may_set_aside(const reading_ptr& run, const std::string& reason);
  /// Keeps the reply, then sets the run aside.
  void keep(const reading_ptr& run, std::shared_ptr<const std::string> body,
            const std::string& reason);
  void set_aside(const reading_ptr& run, const std::string& reason);
  void on_readable(reading& run);
  /// The API is well again, or no run is left to show that it is.
  void end_fault();
  /// Reads again the runs that were set aside for the API's fault. Calls `then`
  /// once the submitter has them, or at once if there are none to read.
  void read_again(std::function<void()> then);
  /// Asks for the run's status, for the captures that it reports now.
  void recount(const reading_ptr& run);
  void on_status(const reading_ptr& run, const status_reply& reply);
  void recounted(const reading_ptr& run, std::optional<uint64_t> reported);
  /// A failure that is not another server's.
  void note_own(reading& run, const read_verdict& verdict);
  /// Another server than the API's failed the run: for too long by now?
  [[nodiscard]] bool is_astray(reading& run) const;
  /// The API denies the run once more. True when it has done so for too long.
  [[nodiscard]] bool is_gone(reading& run, const read_verdict& verdict);
  void on_known(reading& run);
  void pause(const reading_ptr& run, duration wait);
  void finish(const reading_ptr& run, std::optional<std::string> lost = {});
  [[nodiscard]] bool wants_download(const reading& run) const;
  void open_more();
  /// Pages the runs that wait to be downloaded, but those begun already.
  void page_instead();
  void open(const reading_ptr& run, const download_reader_actor& reader);
  void on_link(const reading_ptr& run, const download_reader_actor& reader,
               link_reply& reply);
  void bring(const reading_ptr& run, const download_reader_actor& reader,
             const signed_url& link);
  void on_brought(const reading_ptr& run, const download_reader_actor& reader,
                  const read_verdict& verdict);
  void fetch_part(const reading_ptr& run);
  void on_part(const reading_ptr& run, size_t reserved, page_reply& reply);
  void download_failed(const reading_ptr& run, const read_verdict& verdict);
  void try_again(const reading_ptr& run, fetch_step step);
  void page_after_all(const reading_ptr& run);
  void put_back(const download_reader_actor& reader);
  /// Of the download just opened some lines are left out.
  void note_bad_lines(const reading_ptr& run, const std::string& what);
  void warn_of_shared_id(const reading_ptr& run, const std::string& body);
  void take(const reading_ptr& run, size_t reserved, page_reply& reply,
            listing_step step, std::vector<capture_span> fresh);
  /// Delivers what is new of a reply that has arrived, and marks the run as
  /// changed.
  void pass_on(const reading_ptr& run, size_t reserved, page_reply& reply,
               std::vector<capture_span> fresh);
  void deliver(const reading_ptr& run, page_reply& reply,
               std::vector<capture_span> fresh);
  void on_ack(uint64_t number);
  [[nodiscard]] page_wait waits_for() const;
  void show_wait();
  void touch(const reading_ptr& run);
  void cut_if_due();
  void cut();
  [[nodiscard]] std::shared_ptr<checkpoint> snapshot();
  void on_position(const std::shared_ptr<checkpoint>& cut, sink_report report);
  void commit(const std::shared_ptr<checkpoint>& cut);
  /// Adds what was spent since the last commit.
  void add_spent(checkpoint& cut);
  /// A checkpoint of that alone; answers a drain that waits for it.
  void commit_spent();
  void committed(const checkpoint& cut);
  void show_run(const run_progress& run, reading& state);
  [[nodiscard]] read_counts requests_since_commit();
  void sink_failed(const caf::error& reason);
  void fail(const caf::error& reason);
  void check_drained();

  pointer self_;
  capture_pager_config config_;
  std::optional<page_window> window_;
  std::optional<cut_schedule> cuts_;
  std::map<batch_key, reading_ptr> runs_;
  std::deque<reading_ptr> ready_;   ///< runs whose next page may be fetched
  std::deque<reading_ptr> to_open_; ///< runs whose download may be
  download_breaker breaker_;
  unreadable_runs unreadable_;
  std::vector<batch_key> read_again_; ///< set aside for the API's fault
  std::vector<download_reader_actor> idle_readers_;
  std::unordered_map<uint64_t, delivery> outstanding_;
  caf::typed_response_promise<atoms::ok_atom> drained_;
  uint64_t last_delivery_ = 0;
  /// When the API could last not be reached.
  time_point api_lost_at_ = time_point::min();
  read_counts requests_committed_;
  uint64_t delivery_committed_ = 0;
  unsigned committing_ = 0; ///< checkpoints on their way to the ledger
  unsigned asking_ = 0;     ///< permits for pages, not granted yet
  unsigned fetching_ = 0;   ///< pages asked of the API, not answered
  unsigned pausing_ = 0;    ///< runs that go on after a pause
  unsigned positions_missing_ = 0;
  bool opened_ = false; ///< the sinks' first positions are committed
  time_point cut_timer_ =
    time_point::max(); ///< when it comes; max: it does not
  bool draining_ = false;
  bool last_cut_ = false; ///< the cut under way is the draining one
  bool broken_ = false;   ///< a sink or the ledger failed: no further cut
};

capture_pager_actor::behavior_type
capture_pager(capture_pager_state::pointer self, capture_pager_config config);

} // namespace sluice
