#include "simulator/server_bucket.hpp"

#include <algorithm>

namespace sluice::sim {

namespace {

/// Tolerance for rounding errors in sums of fractions of a token.
constexpr double rounding = 1e-9;
constexpr double whole = 1 - rounding;

} // namespace

server_bucket::server_bucket(uint32_t per_minute, uint32_t burst) noexcept
    : per_second_{per_minute / 60.0},
      capacity_{static_cast<double>(burst)},
      tokens_{capacity_} {}

bool server_bucket::take(sim_time now) noexcept {
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

uint32_t server_bucket::capacity() const noexcept {
  return static_cast<uint32_t>(capacity_);
}

uint32_t server_bucket::left() const noexcept {
  return static_cast<uint32_t>(std::max(0.0, tokens_) + rounding);
}

double server_bucket::seconds_to_full() const noexcept {
  return (capacity_ - tokens_) / per_second_;
}

} // namespace sluice::sim
