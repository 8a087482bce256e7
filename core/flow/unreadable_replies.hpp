// Decides what to do about a run whose replies are unreadable: complete, with
// status 2xx, but not what the profile describes. Such replies seldom change,
// so the number of tries is limited. A single bad run is set aside; if run
// after run is bad, the API itself is at fault, and all runs wait. Pure: the
// time is an argument.

#pragma once

#include "core/base/time.hpp"
#include "core/model/batch.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace sluice {

/// Counts consecutive unreadable replies to one request.
class unreadable_tries {
public:
  /// A run is given up after this many replies. The waits between them are 1,
  /// 2, … times `step`, 15 `step`s in total.
  static constexpr unsigned most = 6;

  /// After an unreadable reply: how long to wait before the next try; nullopt
  /// if trying again is useless. `readable` counts the readable replies to all
  /// requests so far.
  [[nodiscard]] std::optional<duration>
  next(duration step, uint64_t readable) noexcept {
    if (failures_ + 1 >= most)
      return std::nullopt;
    if (failures_ == 0)
      readable_before_ = readable;
    ++failures_;
    return step * failures_;
  }

  /// The reply was readable, or there was none.
  void reset() noexcept {
    failures_ = 0;
    readable_before_ = UINT64_MAX;
  }

  /// How many readable replies preceded the first of these unreadable ones.
  [[nodiscard]] uint64_t readable_before() const noexcept {
    return readable_before_;
  }

private:
  unsigned failures_ = 0;
  uint64_t readable_before_ = UINT64_MAX;
};

/// Distinguishes a run with bad replies from an API whose replies are all bad.
class unreadable_runs {
public:
  /// After this many bad runs in a row with nothing readable in between, the
  /// API is at fault.
  static constexpr unsigned most = 3;

  /// A run's replies stay unreadable. True: set it aside. False: the API is at
  /// fault, and the run must wait. A run does not count if another run had a
  /// readable reply after this one's first unreadable one.
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

  /// A reply was readable, or no run is left to judge by. Returns the runs that
  /// were set aside although the API was at fault; they must be read again.
  [[nodiscard]] std::vector<batch_key> on_readable() {
    ++readable_;
    auto runs = std::exchange(doubtful_, {});
    if (!std::exchange(api_at_fault_, false))
      runs.clear();
    return runs;
  }

  [[nodiscard]] bool api_at_fault() const noexcept { return api_at_fault_; }

  /// The number of readable replies.
  [[nodiscard]] uint64_t readable() const noexcept { return readable_; }

private:
  std::vector<batch_key> doubtful_; ///< set aside since the last readable reply
  uint64_t readable_ = 0;
  bool api_at_fault_ = false;
};

} // namespace sluice
