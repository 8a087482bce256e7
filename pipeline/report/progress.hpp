// What a running job shows on standard error: one live line on a terminal, a
// log line now and then otherwise.

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
  int status = 0;        ///< what it answers
  std::string reason{};  ///< in its words
  duration time_left{0}; ///< until the first of them is given up
};

/// In a few words; empty for no runs.
[[nodiscard]] std::string gone_text(const gone_facts& gone);

/// The numbers of one instant.
struct progress_facts {
  uint64_t urls_total = 0;
  uint64_t urls_settled = 0;
  uint64_t active_runs = 0;
  uint64_t unread_runs = 0;
  uint64_t rate_limited = 0;
  double requests_per_minute = 0; ///< those of the last minute
  uint64_t limit_per_minute = 0;  ///< 0: unlimited
  std::optional<duration> time_left;
  uint64_t urls_bought = 0;
  std::string sink_failure; ///< which sink fails and why; empty: none
  std::string failure;      ///< what fails and why, on its own; empty: nothing
  std::string limit;        ///< why nothing more is submitted; empty: it is
  gone_facts gone;          ///< runs that the API does not know
  std::optional<bottleneck> bound_by; ///< for most of the time since last look
};

/// One line, no line break.
[[nodiscard]] std::string progress_line(const progress_facts& facts);

/// Rates and the time left, from counters looked at again and again. Pure:
/// the time comes in as an argument.
class progress_meter {
public:
  progress_meter(time_point start, uint64_t urls_total, uint64_t urls_settled,
                 uint64_t limit_per_minute);

  /// So many URLs are left for a later start: the time left is without them.
  void leave_out(uint64_t urls) { goal_ = total_ - std::min(total_, urls); }

  /// To be called every second or so.
  [[nodiscard]] progress_facts
  look(time_point now, const job_counters& counters);

private:
  struct sample {
    time_point at{};
    uint64_t requests = 0;
  };

  [[nodiscard]] std::optional<duration>
  time_left(time_point now, uint64_t settled) const;

  time_point start_;
  uint64_t total_;
  uint64_t goal_; ///< of the total, what this start does
  uint64_t settled_before_;
  uint64_t limit_;
  time_account::totals_type totals_{};
  std::array<sample, 61> samples_{}; ///< a minute of them
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
