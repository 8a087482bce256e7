// Records where a job's time goes: how long each bottleneck limited it. The
// actors reach it through `job_time`, which guards it. Pure: the time is an
// argument.

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

  /// Starts counting at `now`.
  void begin(time_point now) noexcept { last_ = now; }

  /// From `now` on, the stages have these waits. Times may be slightly out of
  /// order, since each actor reads its own clock; no time is counted twice.
  void change(time_point now, const stage_waits& waits) noexcept;

  [[nodiscard]] const stage_waits& waits() const noexcept { return waits_; }

  /// All time counted so far.
  [[nodiscard]] totals_type totals(time_point now) const noexcept;

  /// The whole milliseconds since the last call; carries over the remainder.
  [[nodiscard]] time_spent take(time_point now) noexcept;

private:
  stage_waits waits_;
  std::optional<time_point> last_; ///< time is counted up to here
  totals_type spent_{};
  time_spent taken_{};
};

} // namespace sluice
