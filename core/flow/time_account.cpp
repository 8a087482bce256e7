#include "core/flow/time_account.hpp"

#include "core/model/bottleneck.hpp"

#include <algorithm>

namespace sluice {

void time_account::change(time_point now, const stage_waits& waits) noexcept {
  spent_ = totals(now);
  if (last_ && now > *last_)
    last_ = now;
  waits_ = waits;
}

time_account::totals_type time_account::totals(time_point now) const noexcept {
  auto result = spent_;
  if (last_ && now > *last_)
    result[static_cast<size_t>(bound_by(waits_))] += now - *last_;
  return result;
}

time_spent time_account::take(time_point now) noexcept {
  auto all = totals(now);
  time_spent result{};
  for (size_t i = 0; i < bottlenecks; ++i) {
    // A change at an earlier time may follow the last call.
    auto whole = std::max(
      taken_[i], std::chrono::floor<std::chrono::milliseconds>(all[i]));
    result[i] = whole - taken_[i];
    taken_[i] = whole;
  }
  return result;
}

} // namespace sluice
