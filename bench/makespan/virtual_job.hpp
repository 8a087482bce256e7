// One job in virtual time: the real submitter, poller, pager, rate limiter and
// pool on CAF's test scheduler, between a virtual API, a ledger in memory and
// a sink that takes everything. Exact and the same each time; minutes of a job
// take milliseconds.

#pragma once

#include "bench/makespan/scenario.hpp"

namespace sluice::bench {

/// Who asks for the runs' status.
enum class poller_kind : uint8_t {
  real,
  fixed, ///< every run every ten seconds
};

[[nodiscard]] outcome run_virtual(const scenario& job,
                                  const simulator_options& api,
                                  poller_kind poller);

} // namespace sluice::bench
