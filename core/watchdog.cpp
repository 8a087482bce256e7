#include "core/watchdog.hpp"

#include <algorithm>
#include <cassert>

namespace sluice {

watchdog::watchdog() : thread_{[this] { run(); }} {}

watchdog::~watchdog() {
  {
    std::lock_guard lock{mutex_};
    assert(watches_.empty());
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

std::shared_ptr<watchdog> watchdog::shared() {
  static std::mutex mutex;
  static std::weak_ptr<watchdog> current;
  std::lock_guard lock{mutex};
  auto result = current.lock();
  if (!result) {
    result = std::make_shared<watchdog>();
    current = result;
  }
  return result;
}

void watchdog::run() {
  std::unique_lock lock{mutex_};
  while (!ending_) {
    wakes_at_ = fire_due(clock::now());
    if (wakes_at_ == clock::time_point::max())
      changed_.wait(lock);
    else
      changed_.wait_until(lock, wakes_at_);
  }
}

/// Cuts what is late; returns when the next cut is due. The mutex is held, so
/// that no cut outlives its guard.
watchdog::clock::time_point watchdog::fire_due(clock::time_point now) {
  auto next = clock::time_point::max();
  for (auto& [id, each] : watches_) {
    if (each.due <= now) {
      each.cut();
      each.fired = true;
      each.due = clock::time_point::max();
    }
    next = std::min(next, each.due);
  }
  return next;
}

watchdog::guard::guard(watchdog& dog, clock::time_point deadline,
                       std::function<void()> cut)
    : dog_{dog} {
  auto sooner = false;
  {
    std::lock_guard lock{dog_.mutex_};
    id_ = ++dog_.last_id_;
    dog_.watches_.emplace(id_, watch{deadline, std::move(cut)});
    sooner = deadline < dog_.wakes_at_;
  }
  // Calls have much the same time, so a later one seldom has to wake it.
  if (sooner)
    dog_.changed_.notify_one();
}

watchdog::guard::~guard() {
  release();
}

void watchdog::guard::hurry() {
  {
    std::lock_guard lock{dog_.mutex_};
    auto found = dog_.watches_.find(id_);
    if (found != dog_.watches_.end() && !found->second.fired)
      found->second.due = clock::now();
  }
  dog_.changed_.notify_one();
}

void watchdog::guard::postpone(clock::time_point deadline) {
  std::lock_guard lock{dog_.mutex_};
  auto found = dog_.watches_.find(id_);
  if (found != dog_.watches_.end() && !found->second.fired)
    found->second.due = deadline;
}

bool watchdog::guard::release() {
  std::lock_guard lock{dog_.mutex_};
  auto found = dog_.watches_.find(id_);
  if (found == dog_.watches_.end())
    return false;
  auto fired = found->second.fired;
  dog_.watches_.erase(found);
  return fired;
}

} // namespace sluice
