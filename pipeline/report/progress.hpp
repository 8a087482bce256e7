// What a running job shows on standard error: a live line on a terminal,
// otherwise a log line at intervals.

#pragma once

#include "core/base/time.hpp"
#include "core/flow/job_counters.hpp"
#include "core/model/bottleneck.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

struct gone_facts {
  uint64_t runs = 0;
  int status = 0;        ///< what the API answers
  std::string reason{};  ///< in the API's words
  duration time_left{0}; ///< until the first one is given up
};

/// In a few words; empty for no runs.
[[nodiscard]] std::string gone_text(const gone_facts& gone);

/// The numbers at one instant.
struct progress_facts {
  uint64_t urls_total = 0;
  uint64_t urls_settled = 0;
  uint64_t active_runs = 0;
  uint64_t unread_runs = 0;
  uint64_t rate_limited = 0;
  double requests_per_minute = 0; ///< over the last minute
  uint64_t limit_per_minute = 0;  ///< 0: unlimited
  std::optional<duration> time_left;
  uint64_t urls_bought = 0;
  std::string sink_failure; ///< which sink fails and why; empty: none
  std::string failure;      ///< what else fails and why; empty: nothing
  std::string limit;        ///< why submitting has ended; empty: it has not
  gone_facts gone;          ///< runs that the API does not know
  std::optional<bottleneck>
    bound_by; ///< for most of the time since the last reading
};

/// One line, no line break.
[[nodiscard]] std::string progress_line(const progress_facts& facts);

/// Computes rates and the time left from repeated readings of the counters.
/// Pure: the time is an argument.
class progress_meter {
public:
  progress_meter(time_point start, uint64_t urls_total, uint64_t urls_settled,
                 uint64_t limit_per_minute);

  /// Leaves this many URLs for a later start: the time left excludes them.
  void leave_out(uint64_t urls) { goal_ = total_ - std::min(total_, urls); }

  /// Call this about once a second.
  [[nodiscard]] progress_facts
  measure(time_point now, const job_counters& counters);

private:
  struct sample {
    time_point at{};
    uint64_t requests = 0;
  };

  [[nodiscard]] std::optional<duration>
  time_left(time_point now, uint64_t settled) const;

  time_point start_;
  uint64_t total_;
  uint64_t goal_; ///< how much of the total this start will settle
  uint64_t settled_before_;
  uint64_t limit_;
  time_account::totals_type totals_{};
  std::array<sample, 61> samples_{}; ///< one minute's samples
  size_t count_ = 0;
};

/// Keeps one line at the bottom of a terminal. One instance per process; log
/// lines go above it.
class live_line {
public:
  explicit live_line(bool coloured);
  ~live_line();
  live_line(const live_line&) = delete;
  live_line& operator=(const live_line&) = delete;

  void show(const std::string& line);
  void clear();
};

} // namespace sluice
