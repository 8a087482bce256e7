// One job in virtual time: the real submitter, poller, pager, rate limiter and
// pool on CAF's test scheduler, with a virtual API, a ledger in memory and a
// sink that accepts everything. Exact and reproducible. Minutes of a job take
// milliseconds.

#pragma once

#include "bench/makespan/scenario.hpp"

namespace sluice::bench {

/// Which poller the job uses.
enum class poller_kind : uint8_t {
  real,
  fixed, ///< polls every run every ten seconds
};

[[nodiscard]] outcome run_virtual(const scenario& job,
                                  const simulator_options& api,
                                  poller_kind poller);

} // namespace sluice::bench
