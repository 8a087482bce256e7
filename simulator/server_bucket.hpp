// The organisation's token bucket in the API. Every request that arrives costs
// a token. If the bucket is empty, the request is refused and costs nothing.

#pragma once

#include "simulator/sim_clock.hpp"

#include <cstdint>

namespace sluice::sim {

class server_bucket {
public:
  /// Starts full with `burst` tokens. 0 `per_minute` means unlimited.
  server_bucket(uint32_t per_minute, uint32_t burst) noexcept;

  /// Takes a token for a request that arrives now. False if the bucket is
  /// empty. A `now` before the previous one counts as the previous one.
  [[nodiscard]] bool take(sim_time now) noexcept;

  [[nodiscard]] bool is_limited() const noexcept { return per_second_ > 0; }
  [[nodiscard]] uint32_t capacity() const noexcept;

  /// Whole tokens after the last request.
  [[nodiscard]] uint32_t left() const noexcept;
  /// The time from the last request until it is full. REQUIRES: it is limited.
  [[nodiscard]] double seconds_to_full() const noexcept;

private:
  double per_second_;
  double capacity_;
  double tokens_;
  sim_time filled_{0};
};

} // namespace sluice::sim
