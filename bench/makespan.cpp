// How close a job comes to the least possible time if every request costs a
// token: five scenarios with three kinds of progress counters, compared with
// polling every ten seconds.
//
//   bench_makespan [--seeds N] [--queue-ahead N] [--scenario NAME]
//   bench_makespan --slots N
//
// The second form prints the CPU time per run of a job with that many slots and
// tokens to spare.
//
// Everything runs in virtual time. The exit status is 1 if a goal is missed.

#include "bench/figure.hpp"
#include "bench/makespan/virtual_job.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr double most_ratio = 1.04;
constexpr double most_polls = 4;

struct options {
  uint64_t seeds = 3;
  std::optional<uint32_t> queue_ahead;
  std::string only;
  uint32_t slots = 0; ///< 0: the scenarios
};

/// Means over the seeds.
struct figures {
  double ratio = 0;
  double worst = 0;
  double polls = 0; ///< per run
  uint64_t refused = 0;
  bool finished = true;
};

figures measure(const scenario& job, counter_kind counters, poller_kind poller,
                uint64_t seeds) {
  figures result;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    auto api = api_of(job, counters, seed);
    auto came = run_virtual(job, api, poller);
    auto ratio = came.seconds / least_seconds(job, api);
    result.ratio += ratio / static_cast<double>(seeds);
    result.worst = std::max(result.worst, ratio);
    result.polls +=
      static_cast<double>(came.polls) / static_cast<double>(job.runs * seeds);
    result.refused += came.refused;
    result.finished = result.finished && came.finished;
  }
  return result;
}

bool meets_goals(const figures& found) {
  return found.finished && found.ratio <= most_ratio && found.refused == 0
         && found.polls <= most_polls;
}

options read_arguments(int argc, char** argv) {
  options result;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string name = argv[i];
    if (name == "--seeds")
      result.seeds = std::stoull(argv[i + 1]);
    else if (name == "--queue-ahead")
      result.queue_ahead = static_cast<uint32_t>(std::stoul(argv[i + 1]));
    else if (name == "--scenario")
      result.only = argv[i + 1];
    else if (name == "--slots")
      result.slots = static_cast<uint32_t>(std::stoul(argv[i + 1]));
  }
  return result;
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

int measure_slots(uint32_t slots) {
  scenario job{"slots", 6'000, slots, 60, 1};
  job.per_minute = 6'000;
  auto begin = cpu_seconds();
  auto came =
    run_virtual(job, api_of(job, counter_kind::honest, 1), poller_kind::real);
  auto cpu = cpu_seconds() - begin;
  figure(text_of("CPU time of a run, %u slots", slots),
         text_of("%.3f ms", 1'000 * cpu / job.runs));
  figure("its polls",
         text_of("%.2f", static_cast<double>(came.polls) / job.runs));
  return came.finished ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  auto wanted = read_arguments(argc, argv);
  if (wanted.slots > 0)
    return measure_slots(wanted.slots);
  std::printf("%-12s %-8s %9s %7s %6s %5s   %14s\n", "", "counters", "makespan",
              "worst", "polls", "429s", "every 10 s");
  auto missed = 0;
  figures worst;
  for (auto job : scenarios) {
    if (!wanted.only.empty() && wanted.only != job.name)
      continue;
    job.queue_ahead = wanted.queue_ahead.value_or(job.queue_ahead);
    for (auto counters : counter_kinds) {
      auto found = measure(job, counters, poller_kind::real, wanted.seeds);
      auto fixed = measure(job, counters, poller_kind::fixed, wanted.seeds);
      auto good = meets_goals(found);
      missed += good ? 0 : 1;
      worst.ratio = std::max(worst.ratio, found.ratio);
      worst.polls = std::max(worst.polls, found.polls);
      worst.refused += found.refused;
      std::printf("%-12s %-8s %9.3f %7.3f %6.2f %5llu   %6.3f (%5.2f) %s\n",
                  job.name, name_of(counters), found.ratio, found.worst,
                  found.polls, static_cast<unsigned long long>(found.refused),
                  fixed.ratio, fixed.polls, good ? "" : "MISSED");
    }
  }
  std::printf("makespan: times the least (goal %.2f, mean of %llu seeds); "
              "polls: per run (goal %.0f)\n",
              most_ratio, static_cast<unsigned long long>(wanted.seeds),
              most_polls);
  figure("makespan over the least possible, worst of the scenarios",
         text_of("%.3f", worst.ratio), text_of("<= %.2f", most_ratio),
         worst.ratio <= most_ratio);
  figure("polls per run, worst of the scenarios", text_of("%.2f", worst.polls),
         text_of("<= %.0f", most_polls), worst.polls <= most_polls);
  figure("429s in all scenarios", std::to_string(worst.refused), "0",
         worst.refused == 0);
  return missed == 0 ? 0 : 1;
}
