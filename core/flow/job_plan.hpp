// Estimates what a job will need before it begins: requests by kind, the
// minimum time and what limits it, the maximum credits, and the settings that
// would speed it up. Pure arithmetic on the counts of an import.

#pragma once

#include "core/flow/submit_gate.hpp"
#include "core/model/batch.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sluice {

/// The settings that matter, and two assumptions about the API.
struct plan_terms {
  uint32_t urls_per_run = default_urls_per_run;
  uint32_t max_concurrent = slot_limits{}.max_concurrent;
  uint32_t requests_per_minute = 0; ///< 0: unlimited
  uint32_t burst = 1;
  double run_seconds = 60;   ///< assumed: for `urls_per_run` URLs
  uint32_t page_size = 100;  ///< assumed: captures per page
  bool download = false;     ///< each run's captures come as one file
  bool can_download = false; ///< the profile supports it
};

struct request_plan {
  uint64_t submits = 0;
  uint64_t polls = 0; ///< at least one per run
  uint64_t pages = 0; ///< for one capture per URL; or one per download

  [[nodiscard]] uint64_t total() const noexcept {
    return submits + polls + pages;
  }
};

enum class plan_bound { tokens, slots, run };

/// The seconds that each limit alone requires. The longest is the job's minimum
/// time: max((requests - burst) / rate, sum of run times / slots, one run).
struct time_plan {
  double tokens = 0;
  double slots = 0;
  double run = 0;

  [[nodiscard]] plan_bound bound() const noexcept;
  [[nodiscard]] double least() const noexcept;
};

/// The job's URLs by robot: each run has one robot.
using urls_by_robot = std::map<std::string, uint64_t>;

[[nodiscard]] request_plan
plan_requests(const urls_by_robot& urls, const plan_terms& terms);

/// Assumes that the time of a run grows with its URLs.
[[nodiscard]] time_plan
plan_time(const urls_by_robot& urls, const plan_terms& terms);

/// One changed setting, and the resulting minimum time.
struct plan_advice {
  std::string key;   ///< in the config file
  std::string value; ///< the value to set
  double seconds = 0;
};

/// Changes that cut the minimum time by at least a twentieth, best first.
[[nodiscard]] std::vector<plan_advice>
advise(const urls_by_robot& urls, const plan_terms& terms);

} // namespace sluice
