#include "simulator/server_bucket.hpp"

#include <algorithm>

namespace sluice::sim {

server_bucket::server_bucket(uint32_t per_minute, uint32_t burst) noexcept
    : per_second_{per_minute / 60.0},
      capacity_{static_cast<double>(burst)},
      tokens_{capacity_} {}

bool server_bucket::take(sim_time now) noexcept {
  // Sums of fractions of a token must not lose the last billionth of one.
  constexpr double whole = 1 - 1e-9;
  if (per_second_ == 0)
    return true;
  if (now > filled_) {
    std::chrono::duration<double> passed = now - filled_;
    tokens_ = std::min(capacity_, tokens_ + passed.count() * per_second_);
    filled_ = now;
  }
  if (tokens_ < whole)
    return false;
  tokens_ -= 1;
  return true;
}

} // namespace sluice::sim
