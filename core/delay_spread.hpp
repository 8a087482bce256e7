// How unevenly requests are delayed between leaving here and reaching the
// server, from above: the spread of the times until a reply's headers came.

#pragma once

#include "core/time.hpp"

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

  /// Greatest minus least of the last 64 delays. While there are fewer than
  /// eight the least is taken as zero: too few to know it.
  [[nodiscard]] duration value() const noexcept {
    auto end = samples_.begin()
               + static_cast<std::ptrdiff_t>(std::min(count_, samples_.size()));
    if (end == samples_.begin())
      return duration::zero();
    auto [least, greatest] = std::minmax_element(samples_.begin(), end);
    return count_ < 8 ? *greatest : *greatest - *least;
  }

private:
  std::array<duration, 64> samples_{};
  size_t count_ = 0;
};

} // namespace sluice
