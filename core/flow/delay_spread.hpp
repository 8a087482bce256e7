// An upper bound for how unevenly requests are delayed on their way to the
// server: the spread of the times until a reply's headers arrive.
// `rate_limiter` limits its bursts by this bound.

#pragma once

#include "core/base/time.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sluice {

class delay_spread {
public:
  void add(duration delay) noexcept {
    samples_[count_ % samples_.size()] = delay;
    ++count_;
  }

  /// The maximum minus the minimum of the last 64 delays. With fewer than eight
  /// samples, the minimum counts as zero and the maximum as at least one
  /// second.
  [[nodiscard]] duration value() const noexcept {
    auto end = samples_.begin()
               + static_cast<std::ptrdiff_t>(std::min(count_, samples_.size()));
    if (count_ < enough)
      return std::max(first_guess,
                      *std::max_element(samples_.begin(), samples_.end()));
    auto [least, greatest] = std::minmax_element(samples_.begin(), end);
    return *greatest - *least;
  }

private:
  static constexpr size_t enough = 8;
  static constexpr duration first_guess = std::chrono::seconds{1};

  std::array<duration, 64> samples_{};
  size_t count_ = 0;
};

} // namespace sluice
