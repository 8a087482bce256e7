// The time account that a job's actors share. Each stage notes what it waits
// for whenever that changes. This takes a lock, which is almost always free,
// and sends no message.
//
// Thread-safe.

#pragma once

#include "core/flow/time_account.hpp"
#include "core/model/bottleneck.hpp"

#include <mutex>

namespace sluice {

class job_time {
public:
  void begin(time_point now) {
    std::lock_guard guard{mutex_};
    account_.begin(now);
  }

  void note(time_point now, limiter_wait wait) {
    set(now, &stage_waits::limiter, wait);
  }
  void note(time_point now, submit_wait wait) {
    set(now, &stage_waits::submits, wait);
  }
  void note(time_point now, poll_wait wait) {
    set(now, &stage_waits::polls, wait);
  }
  void note(time_point now, page_wait wait) {
    set(now, &stage_waits::pages, wait);
  }

  [[nodiscard]] time_account::totals_type totals(time_point now) const {
    std::lock_guard guard{mutex_};
    return account_.totals(now);
  }

  [[nodiscard]] time_spent take(time_point now) {
    std::lock_guard guard{mutex_};
    return account_.take(now);
  }

private:
  template <class Wait>
  void set(time_point now, Wait stage_waits::*stage, Wait wait) {
    std::lock_guard guard{mutex_};
    auto waits = account_.waits();
    waits.*stage = wait;
    account_.change(now, waits);
  }

  mutable std::mutex mutex_;
  time_account account_;
};

} // namespace sluice
