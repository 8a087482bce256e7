// The download fetcher, a part of capture_pager. It gets a run's captures as
// one file, for one request, and passes the file's parts on as pages. If the
// file is not available, the run is paged instead. A file is always read from
// its start: captures that were delivered before a restart are recognised by
// their identities.

#pragma once

#include "actors/drain_gate.hpp"
#include "actors/protocol.hpp"
#include "actors/reading_run.hpp"
#include "core/flow/download_policy.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/page_window.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

/// What the fetcher needs from the actor that it is a part of.
class download_owner {
public:
  virtual ~download_owner() = default;

  /// True if anything may be fetched now.
  [[nodiscard]] virtual bool may_fetch() const = 0;

  /// The API's reply to the request for the file's URL, usable or not.
  virtual void on_link(const reading_ptr& run, const read_verdict& verdict) = 0;

  /// A part of the file has arrived.
  virtual void take(const reading_ptr& run, size_t reserved, page_reply& reply,
                    listing_step step, std::vector<capture_span> fresh) = 0;

  /// The run's whole file could be read.
  virtual void on_readable(reading_run& run) = 0;

  /// True if another server has failed to deliver the run for too long.
  [[nodiscard]] virtual bool is_astray(reading_run& run) const = 0;

  // What comes next for the run.
  virtual void ready(const reading_ptr& run) = 0;
  virtual void pause(const reading_ptr& run, duration wait) = 0;
  virtual void give_up(const reading_ptr& run, const std::string& reason) = 0;

  /// A reply has arrived: something else may be fetched, or the drain may be
  /// over.
  virtual void go_on() = 0;

  /// The job cannot go on.
  virtual void fail(const caf::error& reason) = 0;
};

struct download_fetcher_config {
  rate_limiter_actor limiter;
  api_pool_actor pool;
  std::vector<download_reader_actor> readers; ///< none: nothing is downloaded
  bool can_page = true;                       ///< the profile says how
  std::shared_ptr<job_counters> counters;
};

class download_fetcher {
public:
  /// `window` and `drain` are the owner's. REQUIRES: all outlive the fetcher.
  download_fetcher(capture_pager_actor::pointer self, download_owner& owner,
                   page_window& window, drain_gate& drain,
                   download_fetcher_config config);

  /// True if the run's file is to be opened next. False if the run's listing is
  /// under way: its cursor says where to continue.
  [[nodiscard]] bool wants(const reading_run& run) const;

  /// Opens the run's file when a reader is idle. REQUIRES: `wants`.
  void enqueue(const reading_ptr& run);

  /// Opens as many files as there are idle readers.
  void open_more();

  /// The runs that are paged instead, while downloads are paused. Those that
  /// are partly delivered from a file go on waiting for it.
  [[nodiscard]] std::vector<reading_ptr> take_paged();

  /// Fetches the next part. REQUIRES: the run's file is open.
  void fetch_part(const reading_ptr& run);

  /// The run no longer needs its file.
  void close(reading_run& run);

  /// The API says that the run has no file yet.
  void on_absent(const reading_ptr& run);

  /// The run's file could not be opened or read to its end.
  void on_failure(const reading_ptr& run, const read_verdict& verdict);

private:
  void open(const reading_ptr& run, const download_reader_actor& reader);
  void ask_link(const reading_ptr& run, const download_reader_actor& reader,
                const permit& granted);
  void on_link(const reading_ptr& run, const download_reader_actor& reader,
               const link_reply& reply);
  void bring(const reading_ptr& run, const download_reader_actor& reader,
             const signed_url& link);
  void on_brought(const reading_ptr& run, const download_reader_actor& reader,
                  const read_verdict& verdict);
  /// Records whether lines of the file just opened are left out, and why.
  void note_bad_lines(reading_run& run, const std::string& what);
  void on_part(const reading_ptr& run, size_t reserved, page_reply& reply);
  void on_whole(reading_run& run);
  void try_again(const reading_ptr& run, fetch_step step);
  void page_instead(reading_run& run);
  void put_back(const download_reader_actor& reader);

  // -- what the user sees -----------------------------------------------------

  static void show_bad_lines(const reading_run& run, const std::string& what);
  void show_failure(const reading_run& run, const read_verdict& verdict);
  void show_given_up(const reading_run& run);
  static void show_paused();

  capture_pager_actor::pointer self_;
  download_owner& owner_;
  page_window& window_;
  drain_gate& drain_;
  download_fetcher_config config_;
  download_breaker breaker_;
  std::deque<reading_ptr> waiting_; ///< runs whose file is to be opened
  std::vector<download_reader_actor> idle_;
};

} // namespace sluice
