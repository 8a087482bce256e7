// What this process knows about the job it runs, besides the account in the
// ledger, for the status page and metrics. Bounded, regardless of the job's
// size. Thread-safe; actors only raise the counters and never wait for a
// reader.

#pragma once

#include "core/flow/job_counters.hpp"
#include "pipeline/job_observer.hpp"
#include "pipeline/report/progress.hpp"
#include "pipeline/serve/watched_bucket.hpp"
#include "pipeline/serve/watched_sink.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sluice {

[[nodiscard]] const char* name_of(job_phase phase) noexcept;

/// The numbers of one second; all but `tokens` count since the process began.
struct live_sample {
  int64_t at_ms = 0; ///< wall clock
  double tokens = 0; ///< -1: no limit
  uint64_t submits = 0;
  uint64_t polls = 0;
  uint64_t pages = 0;
  uint64_t rate_limited = 0;
  uint64_t captures = 0;
  uint64_t capture_bytes = 0;
};

/// Everything at one instant.
struct live_view {
  job_phase phase = job_phase::starting;
  std::string detail; ///< progress of the import, why the job ended
  std::optional<progress_facts> facts; ///< set once it runs
  std::optional<bucket_view> bucket;
  live_sample now;
  std::vector<run_bar> runs;
  std::vector<sink_view> sinks;
};

class live_job {
public:
  /// The samples to keep: five minutes' worth.
  static constexpr size_t most_samples = 300;

  live_job(std::shared_ptr<const job_counters> counters, bucket_limits limits);

  void enter(job_phase phase, std::string detail = {});

  /// Call this each second while the job runs.
  void note(const progress_facts& facts);

  // Return what the job must use instead so that it can be watched. Call once
  // for each.
  [[nodiscard]] std::shared_ptr<bucket_store>
  watch(std::shared_ptr<bucket_store> store);
  [[nodiscard]] std::shared_ptr<sink>
  watch(const std::string& name, std::shared_ptr<sink> target);

  [[nodiscard]] const job_counters& counters() const { return *counters_; }
  [[nodiscard]] bool is_running() const;
  [[nodiscard]] live_view snapshot() const;
  /// In chronological order.
  [[nodiscard]] std::vector<live_sample> history() const;

private:
  [[nodiscard]] live_sample
  sample(const std::optional<bucket_view>& bucket) const;

  std::shared_ptr<const job_counters> counters_;
  bucket_limits limits_;
  mutable std::mutex mutex_;
  job_phase phase_ = job_phase::starting;
  std::string detail_;
  std::optional<progress_facts> facts_;
  std::shared_ptr<watched_bucket> bucket_;
  std::vector<std::shared_ptr<watched_sink>> sinks_;
  std::deque<live_sample> samples_;
};

} // namespace sluice
