// The scenarios of the makespan benchmark: five jobs with different bottlenecks
// and three kinds of progress counters, under Extralt's real limit.

#pragma once

#include "config/settings.hpp"
#include "simulator/simulator.hpp"

#include <array>
#include <cstdint>

namespace sluice::bench {

struct scenario {
  const char* name;
  uint32_t runs;
  uint32_t slots;     ///< max_concurrent, here and in the API
  double run_seconds; ///< the mean. Each is drawn within ± 50 %
  uint32_t pages;     ///< pages of captures per run
  /// The program's default unless set.
  uint32_t queue_ahead = run_settings{}.queue_ahead;
  uint32_t per_minute = 120; ///< requests, here and in the API
};

inline constexpr uint32_t urls_per_run = 100;
inline constexpr uint32_t burst = 30;

inline const std::array<scenario, 5> scenarios{{
  {"slot-bound", 200, 10, 120, 1},
  {"balanced", 400, 10, 30, 2},
  {"token-bound", 400, 100, 60, 2},
  {"page-heavy", 100, 10, 60, 20},
  {"one slot", 40, 1, 60, 1},
}};

/// How accurately the API reports a run's progress.
enum class counter_kind : uint8_t { honest, noisy, absent };

inline constexpr std::array<counter_kind, 3> counter_kinds{
  counter_kind::honest, counter_kind::noisy, counter_kind::absent};

[[nodiscard]] constexpr const char* name_of(counter_kind kind) noexcept {
  constexpr std::array names{"honest", "noisy", "absent"};
  return names[static_cast<size_t>(kind)];
}

/// The API that a scenario runs against.
[[nodiscard]] simulator_options
api_of(const scenario& job, counter_kind counters, uint64_t seed);

/// The minimum time, in seconds, of `job` with `api`: the longer of two
/// bounds. One is the time until the bucket has supplied all tokens that the
/// job needs with one poll per run. The other is the total run time divided by
/// the number of slots, as if all slots were in use until the end.
[[nodiscard]] double
least_seconds(const scenario& job, const simulator_options& api);

/// The result of one job.
struct outcome {
  double seconds = 0; ///< from the start until all is committed
  uint64_t polls = 0;
  uint64_t requests = 0;
  uint64_t refused = 0; ///< 429s
  bool finished = false;
};

} // namespace sluice::bench
