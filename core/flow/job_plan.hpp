// What a job will need before it is begun: requests by kind, the least time
// and what bounds it, the most credits, and which setting would make it
// faster. Pure arithmetic on the counts of an import.

#pragma once

#include "core/flow/submit_gate.hpp"
#include "core/model/batch.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sluice {

/// The settings that decide, and two assumptions about the API.
struct plan_terms {
  uint32_t urls_per_run = default_urls_per_run;
  uint32_t max_concurrent = slot_limits{}.max_concurrent;
  uint32_t requests_per_minute = 0; ///< 0 = unlimited
  uint32_t burst = 1;
  double run_seconds = 60;   ///< assumed: of a run of `urls_per_run` URLs
  uint32_t page_size = 100;  ///< assumed: captures in a page
  bool download = false;     ///< each run's captures as one file
  bool can_download = false; ///< the profile says how
};

struct request_plan {
  uint64_t submits = 0;
  uint64_t polls = 0; ///< one for each run, the least
  uint64_t pages = 0; ///< as many captures as URLs; or one for each download

  [[nodiscard]] uint64_t total() const noexcept {
    return submits + polls + pages;
  }
};

enum class plan_bound { tokens, slots, run };

/// Seconds that each bound takes for itself; the longest is the least time of
/// the job: max((requests - burst) / rate, sum of run times / slots, one run).
struct time_plan {
  double tokens = 0;
  double slots = 0;
  double run = 0;

  [[nodiscard]] plan_bound bound() const noexcept;
  [[nodiscard]] double least() const noexcept;
};

/// URLs of the job by robot: a run has one.
using urls_by_robot = std::map<std::string, uint64_t>;

[[nodiscard]] request_plan
plan_requests(const urls_by_robot& urls, const plan_terms& terms);

/// The time of a run is taken to grow with its URLs.
[[nodiscard]] time_plan
plan_time(const urls_by_robot& urls, const plan_terms& terms);

/// One setting changed, and the least time it leads to.
struct plan_advice {
  std::string key;   ///< of the config file
  std::string value; ///< to write there
  double seconds = 0;
};

/// Changes that shorten the least time by a twentieth or more, the best
/// first.
[[nodiscard]] std::vector<plan_advice>
advise(const urls_by_robot& urls, const plan_terms& terms);

} // namespace sluice
