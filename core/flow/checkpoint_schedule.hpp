// Decides for `checkpoint_coordinator` when the next checkpoint is due: soon
// enough to free a finished run's slot and to limit what a crash repeats, but
// not back to back, so that runs that end together share the syncs. Pure: the
// time is an argument.

#pragma once

#include "core/base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace sluice {

class checkpoint_schedule {
public:
  /// The pause after a checkpoint, as a multiple of its duration: quick
  /// checkpoints take at most a quarter of the time.
  static constexpr int rest = 3;

  /// Changes are due to be committed after `every`; at once after `bytes` were
  /// delivered or when a run is finished. No checkpoint begins during the pause
  /// after the last one. The pause is capped at `longest_rest`: after a
  /// checkpoint held up by slow sinks, finished runs would otherwise keep their
  /// slots too long.
  checkpoint_schedule(duration every, size_t bytes,
                      duration longest_rest) noexcept
      : every_{every}, bytes_{bytes}, longest_rest_{longest_rest} {}

  void on_delivered(size_t bytes) noexcept { delivered_ += bytes; }

  void on_finished() noexcept { finished_ = true; }

  /// There is something to commit.
  void on_change(time_point now) noexcept {
    if (!changed_at_)
      changed_at_ = now;
  }

  /// A checkpoint of all changes begins.
  void begin(time_point now) noexcept {
    begun_at_ = now;
    changed_at_.reset();
    delivered_ = 0;
    finished_ = false;
  }

  /// The checkpoint is on disk. Later changes are for the next one.
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

  /// When the next checkpoint is due; nullopt if none is, until something
  /// changes.
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
  size_t delivered_ = 0;                 ///< since the last checkpoint began
  bool finished_ = false;                ///< a run has finished since then
  std::optional<time_point> changed_at_; ///< first change since then
  std::optional<time_point> begun_at_;   ///< start of the current checkpoint
  time_point rests_until_{};
};

} // namespace sluice
