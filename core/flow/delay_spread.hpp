// How unevenly requests are delayed between leaving here and reaching the
// server, from above: the spread of the times until a reply's headers came.

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

  /// Greatest minus least of the last 64 delays. Fewer than eight are too few
  /// to know either: the least is then taken as zero, the greatest as a second
  /// at least.
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
