#include "core/flow/rate_share.hpp"

#include <algorithm>

namespace sluice {

double rate_share::now(time_point when) const noexcept {
  auto passed = std::chrono::duration<double>(when - at)
                / std::chrono::duration<double>(recovery);
  return std::min(1.0, value + std::max(0.0, passed));
}

void rate_share::halve(time_point when) noexcept {
  value = std::max(least, now(when) / 2);
  at = when;
}

} // namespace sluice
