#include "actors/gone_notice.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"

#include <algorithm>
#include <chrono>

namespace sluice {

bool tells_gone(const read_verdict& verdict) noexcept {
  return verdict.outcome == read_outcome::gone
         || (verdict.outcome == read_outcome::retry
             && (verdict.status == 404 || verdict.status == 410));
}

void note_gone(job_counters& counters, int64_t batch,
               const read_verdict& verdict, time_point now, time_point until) {
  if (!counters.gone.add(batch, verdict.status, verdict.message, now, until))
    return;
  auto view = counters.gone.snapshot();
  auto left = std::max(view.given_up - now, duration::zero());
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left).count();
  log_event(
    log_level::warn, "runs_gone",
    "the API no longer knows runs it accepted; the first one is given up in "
      + human_duration(left) + " unless the API knows it again",
    {{"runs", view.runs},
     {"seconds", static_cast<uint64_t>(seconds)},
     {"reason", verdict.message}});
}

void note_back(job_counters& counters, int64_t batch) {
  if (counters.gone.remove(batch))
    log_event(log_level::info, "runs_back", "the API knows its runs again");
}

} // namespace sluice
