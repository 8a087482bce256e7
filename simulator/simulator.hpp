// A local Extralt with a rate limit, a limit on concurrent runs, a queue, run
// life cycles, deterministic captures, paging, downloads and faults. `sluice
// simulate` runs it as a server. `run --simulate` and the tests embed it.

#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

/// Probabilities are from 0 to 1; `seed` determines all random draws.
/// Times are given before division by `speed`.
struct simulator_options {
  std::string host = "127.0.0.1";
  uint16_t port = 0;               ///< 0 for a free one
  std::string key;                 ///< "" to accept any bearer key
  std::string dialect = "extralt"; ///< extralt | extralt-array | extralt-v0
  double speed = 1;                ///< divides all times and multiplies the
                                   ///< rate
  uint64_t seed = 1;

  uint32_t requests_per_minute = 120; ///< 0 for unlimited
  uint32_t burst = 30;
  uint32_t retry_after = 0;   ///< the hint of a 429 in seconds, 0 for no header
  bool quota_headers = false; ///< X-RateLimit-* with every reply from the API

  uint32_t max_concurrent = 10; ///< additional runs are queued
  double run_seconds = 30;      ///< mean duration of a run
  double run_spread = 0.5;      ///< ± this share, drawn per run
  uint32_t page_size = 100;
  uint32_t capture_bytes = 600; ///< about
  uint32_t captures_per_url = 1;
  double missing = 0;            ///< share of URLs without a capture
  double extra = 0;              ///< share of captures for URLs never submitted
  double failing = 0;            ///< share of runs that fail halfway
  bool progress = true;          ///< report extractedCount and queueSize
  double progress_noise = 0;     ///< their relative error: the queue by ± this
  std::string reject_containing; ///< a 422 if a URL contains this
  /// GET /runs, the newest 100: off | ids | urls (each with its URLs).
  std::string list_runs = "off";
  /// A submit with a key in this header that already created a run is answered
  /// with that run, or with a 422 if its body differs. "" ignores such headers.
  std::string idempotency_header;

  // Faults: a request has at most one, so their sum is at most 1.
  double error_500 = 0; ///< share of requests answered with a 500 (half of the
                        ///< submits after creating the run)
  double error_503 = 0;
  double lost_reply = 0;    ///< processed, then the connection is closed
  double reset = 0;         ///< connection closed before processing
  double truncate = 0;      ///< body shorter than its Content-Length
  double html_error = 0;    ///< a 502 with an HTML page
  double late_captures = 0; ///< share of runs whose last captures appear
                            ///< `late_seconds` after `completed`
  double late_seconds = 3;
  double unreadable = 0; ///< share of runs with NaN before their last capture
  double unreadable_seconds = 0; ///< time after their end, 0 for forever
  double overlap = 0;       ///< share of pages that repeat the last capture of
                            ///< the previous page
  double expired_links = 0; ///< share of signed URLs that have already expired
  double cut_frames = 0;    ///< share of complete downloads whose LZ4 frame
                            ///< lacks its end
};

/// A run that was created, with all its present and future captures.
struct created_run {
  std::string id;
  std::string robot;
  std::string state;                 ///< as reported by the API
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

  /// Binds and serves on its own threads. Returns once it accepts connections.
  /// Call it once. Errors: ec::usage for options outside their range,
  /// ec::unavailable for an address it cannot listen on.
  [[nodiscard]] caf::error start();
  /// Closes every connection and waits for the threads, which takes
  /// milliseconds.
  void stop();

  /// Simulates a crash and a restart on the same port. Every connection ends. A
  /// request in progress is lost, either before or after it is carried out. A
  /// pause ends, and the bucket is reset. The runs are kept. Takes
  /// milliseconds. REQUIRES: started, not stopped. Errors: ec::unavailable if
  /// the port was taken meanwhile, in which case the simulator has stopped.
  [[nodiscard]] caf::error restart();

  [[nodiscard]] std::string base_url() const; ///< with the dialect's prefix
  [[nodiscard]] uint16_t port() const;        ///< 0 before `start`

  /// The JSON of GET /__stats: {started_at, requests{submit, status, page,
  /// download, other}, rate_limited{the same}, runs_created,
  /// runs_created_twice, urls_submitted, urls_submitted_twice,
  /// submits_repeated, pending, active, terminal, captures_served,
  /// faults{by option}}.
  [[nodiscard]] std::string stats() const;

  /// Requests that have reached the API and are held up by a pause.
  [[nodiscard]] unsigned waiting() const;

  /// Calls `visit` with every run created so far, oldest first. Once all runs
  /// have ended, these are the captures that a client must have delivered.
  void each_run(const std::function<void(const created_run&)>& visit) const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
