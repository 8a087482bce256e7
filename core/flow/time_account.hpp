// Where a job's time goes: adds up how long each bottleneck bounded it. Takes
// the time as an argument and does no I/O.

#pragma once

#include "core/base/time.hpp"
#include "core/flow/stage_waits.hpp"
#include "core/model/bottleneck.hpp"

#include <array>
#include <optional>

namespace sluice {

class time_account {
public:
  using totals_type = std::array<duration, bottlenecks>;

  /// Counts from `now` on; nothing before.
  void begin(time_point now) noexcept { last_ = now; }

  /// The stages wait for this from `now` on. Times may come a little out of
  /// order, as each actor reads its own clock: none is counted twice.
  void change(time_point now, const stage_waits& waits) noexcept;

  [[nodiscard]] const stage_waits& waits() const noexcept { return waits_; }

  /// All time so far.
  [[nodiscard]] totals_type totals(time_point now) const noexcept;

  /// The whole milliseconds since the last call; what is less is carried over.
  [[nodiscard]] time_spent take(time_point now) noexcept;

private:
  stage_waits waits_;
  std::optional<time_point> last_; ///< up to when time is counted
  totals_type spent_{};
  time_spent taken_{};
};

} // namespace sluice
