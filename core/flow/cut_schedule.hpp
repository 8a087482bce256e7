// When the next checkpoint is due: so soon that a finished run's slot is free
// and little is repeated after a crash, but not one straight after the other,
// so that runs which end together share the syncs. Takes the time as an
// argument, without I/O.

#pragma once

#include "core/base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace sluice {

class cut_schedule {
public:
  /// The rest after a checkpoint, in times of what it took itself: quick ones
  /// take a quarter of the time at most.
  static constexpr int rest = 3;

  /// What changes is due to be kept after `every`; after `bytes` delivered,
  /// and when a run is finished, at once. No checkpoint begins before the rest
  /// after the last one is over, which is `longest_rest` at most: a checkpoint
  /// also waits for slow sinks, and a finished run's slot for the next one.
  cut_schedule(duration every, size_t bytes, duration longest_rest) noexcept
      : every_{every}, bytes_{bytes}, longest_rest_{longest_rest} {}

  void on_delivered(size_t bytes) noexcept { delivered_ += bytes; }

  void on_finished() noexcept { finished_ = true; }

  /// There is something to be kept.
  void on_change(time_point now) noexcept {
    if (!changed_at_)
      changed_at_ = now;
  }

  /// A checkpoint of all that changed begins.
  void begin(time_point now) noexcept {
    begun_at_ = now;
    changed_at_.reset();
    delivered_ = 0;
    finished_ = false;
  }

  /// It is on disk. What came meanwhile is for the next one.
  void end(time_point now) noexcept {
    rests_until_ = now + std::min(rest * (now - *begun_at_), longest_rest_);
    begun_at_.reset();
  }

  /// From `begin` to `end`.
  [[nodiscard]] bool under_way() const noexcept {
    return begun_at_.has_value();
  }

  [[nodiscard]] bool has_changes() const noexcept {
    return changed_at_.has_value();
  }

  /// When the next one is due; nullopt: not as things are.
  [[nodiscard]] std::optional<time_point> due() const noexcept {
    if (!changed_at_ || begun_at_)
      return std::nullopt;
    auto is_urgent = finished_ || delivered_ >= bytes_;
    auto at = is_urgent ? *changed_at_ : *changed_at_ + every_;
    return std::max(at, rests_until_);
  }

private:
  duration every_;
  size_t bytes_;
  duration longest_rest_;
  size_t delivered_ = 0;                 ///< since the last one began
  bool finished_ = false;                ///< a run is, since then
  std::optional<time_point> changed_at_; ///< first, since then
  std::optional<time_point> begun_at_;   ///< the one under way
  time_point rests_until_{};
};

} // namespace sluice
