// The organisation's token bucket, as the API keeps it: every request that
// arrives costs a token; one that finds none is refused and costs nothing.

#pragma once

#include "simulator/sim_clock.hpp"

#include <cstdint>

namespace sluice::sim {

class server_bucket {
public:
  /// Starts full, with `burst` tokens. 0 `per_minute`: unlimited.
  server_bucket(uint32_t per_minute, uint32_t burst) noexcept;

  /// Takes a token for a request that arrives now; false when there is none.
  /// A `now` before the last one counts as the last one.
  [[nodiscard]] bool take(sim_time now) noexcept;

private:
  double per_second_;
  double capacity_;
  double tokens_;
  sim_time filled_{0};
};

} // namespace sluice::sim
