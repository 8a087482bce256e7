// What to do about a run whose captures arrive in replies that cannot be read:
// complete, with status 2xx, but not what the profile describes. Such a reply
// seldom changes, so a run is asked for a bounded number of times. One bad run
// is set aside; when run after run is bad, the API itself is at fault, and
// everyone waits. Decisions only: the time is an argument, and there is no I/O.

#pragma once

#include "core/base/time.hpp"
#include "core/model/batch.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace sluice {

/// Counts the unreadable replies to one request in a row.
class unreadable_tries {
public:
  /// So many replies are read before the run is given up: the waits between
  /// them are 1, 2, … times `step`, together 15 of them.
  static constexpr unsigned most = 6;

  /// After an unreadable reply: how long to wait before asking again; nullopt
  /// when asking again is useless. `readable` counts the replies to all
  /// requests that could be read until now.
  [[nodiscard]] std::optional<duration>
  next(duration step, uint64_t readable) noexcept {
    if (failures_ + 1 >= most)
      return std::nullopt;
    if (failures_ == 0)
      readable_before_ = readable;
    ++failures_;
    return step * failures_;
  }

  /// The reply could be read, or there was none.
  void reset() noexcept {
    failures_ = 0;
    readable_before_ = UINT64_MAX;
  }

  /// How many replies could be read before the first of these could not.
  [[nodiscard]] uint64_t readable_before() const noexcept {
    return readable_before_;
  }

private:
  unsigned failures_ = 0;
  uint64_t readable_before_ = UINT64_MAX;
};

/// Tells a run with a bad reply from an API whose replies are all bad.
class unreadable_runs {
public:
  /// With so many runs in a row, nothing readable between them, it is the API.
  static constexpr unsigned most = 3;

  /// A run's replies stay unreadable. True: set it aside. False: the API is at
  /// fault, and the run must wait. A run does not count when another's reply
  /// could be read after its own first one could not.
  [[nodiscard]] bool
  may_set_aside(batch_key run, const unreadable_tries& tries = {}) {
    if (!api_at_fault_ && readable_ > tries.readable_before())
      return true;
    if (std::find(doubtful_.begin(), doubtful_.end(), run) != doubtful_.end())
      return true;
    if (doubtful_.size() + 1 >= most) {
      api_at_fault_ = true;
      return false;
    }
    doubtful_.push_back(run);
    return true;
  }

  /// A reply could be read, or no run is left that could show whether one can.
  /// Returns the runs that were set aside for what was
  /// the API's fault: they are to be read again.
  [[nodiscard]] std::vector<batch_key> on_readable() {
    ++readable_;
    auto runs = std::exchange(doubtful_, {});
    if (!std::exchange(api_at_fault_, false))
      runs.clear();
    return runs;
  }

  [[nodiscard]] bool api_at_fault() const noexcept { return api_at_fault_; }

  /// Replies that could be read.
  [[nodiscard]] uint64_t readable() const noexcept { return readable_; }

private:
  std::vector<batch_key> doubtful_; ///< set aside since the last readable reply
  uint64_t readable_ = 0;
  bool api_at_fault_ = false;
};

} // namespace sluice
