// A local Extralt: rate limit, concurrent-run limit with queueing, run life
// cycle, deterministic captures, paging, download, faults. `sluice simulate`
// runs it as a server; `run --simulate` and the tests embed it.

#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

/// Probabilities are 0 to 1, drawn from `seed`; counts are "every n-th"
/// where that is what a test needs. Times are before division by `speed`.
struct simulator_options {
  std::string host = "127.0.0.1";
  uint16_t port = 0;               ///< 0: a free one
  std::string key;                 ///< "" = any bearer key is accepted
  std::string dialect = "extralt"; ///< extralt | extralt-array | extralt-v0
  double speed = 1;                ///< divides all times; multiplies the rate
  uint64_t seed = 1;

  uint32_t requests_per_minute = 120; ///< 0: unlimited
  uint32_t burst = 30;
  uint32_t retry_after = 0;   ///< seconds that a 429 hints; 0: no such header
  bool quota_headers = false; ///< X-RateLimit-* with every reply of the API

  uint32_t max_concurrent = 10; ///< further runs are queued
  double run_seconds = 30;      ///< mean duration of a run
  double run_spread = 0.5;      ///< ± this share, drawn per run
  uint32_t page_size = 100;
  uint32_t capture_bytes = 600; ///< about
  uint32_t captures_per_url = 1;
  double missing = 0;        ///< share of URLs without a capture
  double extra = 0;          ///< share of captures for URLs never submitted
  double failing = 0;        ///< share of runs that end as failed, half done
  bool progress = true;      ///< report extractedCount and queueSize
  double progress_noise = 0; ///< how wrong these are: the queue by ± this
  std::string reject_containing; ///< 422 for a batch with such a URL
  /// GET /runs, the newest 100: off | ids | urls (each with its URLs).
  std::string list_runs = "off";
  /// A submit with a key in this header that created a run before is answered
  /// with that run; 422 when its body is another. "": no header is looked at.
  std::string idempotency_header;

  // Faults: at most one befalls a request, so their sum is at most 1.
  double error_500 = 0; ///< share of requests answered 500 (submit: half of
                        ///< them after creating the run)
  double error_503 = 0;
  double lost_reply = 0;    ///< processed, then the connection is closed
  double reset = 0;         ///< connection closed before processing
  double truncate = 0;      ///< body cut short of its Content-Length
  double html_error = 0;    ///< 502 with an HTML page
  double late_captures = 0; ///< share of runs whose last captures appear
                            ///< `late_seconds` after `completed`
  double late_seconds = 3;
  double unreadable =
    0; ///< share of runs with NaN in front of their last capture
  double unreadable_seconds = 0; ///< so long after their end; 0: for ever
  double overlap = 0;       ///< share of pages that repeat the last capture of
                            ///< the page before
  double expired_links = 0; ///< share of signed URLs that are expired already
  double cut_frames = 0;    ///< share of downloads that come whole, but whose
                            ///< LZ4 frame lacks its end
};

/// A run that was created, with all that it has or is going to have.
struct created_run {
  std::string id;
  std::string robot;
  std::string state;                 ///< as the API tells it
  std::vector<std::string> urls;     ///< in submitted order
  std::vector<std::string> captures; ///< their exact bytes, in listed order
};

/// Thread-safe once started.
class simulator {
public:
  explicit simulator(simulator_options options);
  ~simulator();
  simulator(const simulator&) = delete;
  simulator& operator=(const simulator&) = delete;

  /// Binds and serves on threads of its own; returns when it accepts. To be
  /// called once. Errors: ec::usage for options out of their range,
  /// ec::unavailable for an address that cannot be listened on.
  [[nodiscard]] caf::error start();
  /// Closes every connection and waits for the threads; takes milliseconds.
  void stop();

  /// Crashes and comes back on the same port: every connection ends, a request
  /// under way is lost before or after it was carried out, a pause is over and
  /// the bucket starts anew. The runs are kept. Takes milliseconds.
  /// REQUIRES: started, not stopped. Errors: ec::unavailable when the port is
  /// taken meanwhile; the simulator has stopped then.
  [[nodiscard]] caf::error restart();

  [[nodiscard]] std::string base_url() const; ///< with the dialect's prefix
  [[nodiscard]] uint16_t port() const;        ///< 0 before `start`

  /// The JSON of GET /__stats: {started_at, requests{submit, status, page,
  /// download, other}, rate_limited{the same}, runs_created,
  /// runs_created_twice, urls_submitted, urls_submitted_twice,
  /// submits_repeated, pending, active, terminal, captures_served,
  /// faults{by option}}.
  [[nodiscard]] std::string stats() const;

  /// Requests to the API that have come and that a pause holds back.
  [[nodiscard]] unsigned waiting() const;

  /// Calls `visit` with every run created so far, the oldest first: what a
  /// client must have delivered once all runs are through.
  void each_run(const std::function<void(const created_run&)>& visit) const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
