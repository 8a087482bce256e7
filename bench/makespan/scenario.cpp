#include "bench/makespan/scenario.hpp"

#include "simulator/run_world.hpp"

#include <algorithm>

namespace sluice::bench {

simulator_options
api_of(const scenario& job, counter_kind counters, uint64_t seed) {
  simulator_options options;
  options.seed = seed;
  options.requests_per_minute = job.per_minute;
  options.burst = burst;
  options.max_concurrent = job.slots;
  options.run_seconds = job.run_seconds;
  options.run_spread = 0.5;
  options.page_size = urls_per_run / job.pages;
  options.progress = counters != counter_kind::absent;
  options.progress_noise = counters == counter_kind::noisy ? 0.3 : 0;
  return options;
}

double least_seconds(const scenario& job, const simulator_options& api) {
  double run_seconds = 0;
  for (uint64_t run = 0; run < job.runs; ++run)
    run_seconds +=
      std::chrono::duration<double>{sim::run_length(api, run)}.count();
  auto tokens = static_cast<double>(job.runs) * (2.0 + job.pages);
  return std::max((tokens - burst) / (job.per_minute / 60.0),
                  run_seconds / job.slots);
}

} // namespace sluice::bench
