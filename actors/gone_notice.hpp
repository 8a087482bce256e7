// Tells of runs that the API does not know: at once, and in one line for all.

#pragma once

#include "core/job_counters.hpp"
#include "core/log.hpp"
#include "core/read_verdict.hpp"
#include "core/units.hpp"

namespace sluice {

/// The reply says, in the API's words or another's, that there is no such run.
[[nodiscard]] inline bool tells_gone(const read_verdict& verdict) noexcept {
  return verdict.outcome == read_outcome::gone
         || (verdict.outcome == read_outcome::retry
             && (verdict.status == 404 || verdict.status == 410));
}

/// The run is given up at `until`, unless the API comes to know it again.
inline void note_gone(job_counters& counters, int64_t batch,
                      const read_verdict& verdict, time_point now,
                      time_point until) {
  if (!counters.gone.add(batch, verdict.status, now, until))
    return;
  auto view = counters.gone.look();
  auto left = std::max(view.given_up - now, duration::zero());
  log_event(
    log_level::warn, "runs_gone",
    "the API does not know runs that it accepted; the first is given "
    "up in "
      + human_duration(left) + ", unless that changes",
    {{"runs", view.runs},
     {"seconds",
      static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(left).count())},
     {"reason", verdict.message}});
}

/// The API knows the run.
inline void note_back(job_counters& counters, int64_t batch) {
  if (counters.gone.remove(batch))
    log_event(log_level::info, "runs_back",
              "the API does not deny its runs any more");
}

} // namespace sluice
