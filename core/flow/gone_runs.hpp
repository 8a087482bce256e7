// The runs that the API accepted but no longer knows: how many there are, and
// when the first one will be given up. For display; no decision uses it.
// Thread-safe.

#pragma once

#include "core/base/rare_notice.hpp"
#include "core/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace sluice {

/// The state at one instant.
struct gone_view {
  uint64_t runs = 0;
  int status = 0;      ///< of the last reply that denied a run
  std::string reason;  ///< the reason in that reply
  time_point given_up; ///< of the first run; meaningless for 0 runs
};

class gone_runs {
public:
  /// The API answered `status` and `reason` for the run, which is given up at
  /// `until` unless it is known again. True if this should be reported: the
  /// first time, whenever there are ten times as many runs, and once a minute.
  bool add(int64_t batch, int status, const std::string& reason, time_point now,
           time_point until) {
    std::lock_guard guard{mutex_};
    status_ = status;
    reason_ = reason;
    until_[batch] = until;
    auto is_told = notice_.happened(now) || until_.size() >= told_ * 10;
    if (is_told)
      told_ = until_.size();
    return is_told;
  }

  /// The run's status could not be requested. If it was gone, it stays gone
  /// but is not given up before `until`.
  void put_off(int64_t batch, time_point until) {
    std::lock_guard guard{mutex_};
    if (auto found = until_.find(batch); found != until_.end())
      found->second = until;
  }

  /// The API knows the run again, or the run was given up. True if no other run
  /// is gone and such runs had been reported.
  bool remove(int64_t batch) {
    std::lock_guard guard{mutex_};
    if (until_.erase(batch) == 0 || !until_.empty())
      return false;
    told_ = 0;
    return notice_.ended();
  }

  [[nodiscard]] gone_view snapshot() const {
    std::lock_guard guard{mutex_};
    gone_view view{until_.size(), status_, reason_, time_point::max()};
    for (auto& [batch, until] : until_)
      view.given_up = std::min(view.given_up, until);
    return view;
  }

private:
  mutable std::mutex mutex_;
  std::map<int64_t, time_point> until_; ///< by batch
  int status_ = 0;
  std::string reason_;
  rare_notice notice_;
  size_t told_ = 0; ///< number at the last notice
};

} // namespace sluice
