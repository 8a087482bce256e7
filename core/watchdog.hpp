// Total deadlines for blocking calls. cpp-httplib's timeouts count from byte
// to byte, so a reply that dribbles outlives any of them; one thread for the
// whole process cuts what is late.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace sluice {

class watchdog {
public:
  using clock = std::chrono::steady_clock;

  watchdog();
  ~watchdog(); ///< REQUIRES: no guard is left
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  /// The process's one, started by its first owner, ended with its last.
  [[nodiscard]] static std::shared_ptr<watchdog> shared();

  /// Watches one call until destroyed. After `release` or the destructor
  /// returns, the cut is not running and never runs again.
  class guard {
  public:
    /// At `deadline`, calls `cut` on the watchdog's thread; `cut` must return
    /// at once.
    guard(watchdog& dog, clock::time_point deadline, std::function<void()> cut);
    ~guard();
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

    /// The deadline is now. Without effect once `cut` was called. Thread-safe.
    void hurry();

    /// The deadline is another. REQUIRES: not hurried. Without effect once
    /// `cut` was called.
    void postpone(clock::time_point deadline);

    /// Ends the watch; true when `cut` was called.
    bool release();

  private:
    watchdog& dog_;
    uint64_t id_;
  };

private:
  struct watch {
    clock::time_point due;
    std::function<void()> cut;
    bool fired = false;
  };

  void run();
  [[nodiscard]] clock::time_point fire_due(clock::time_point now);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, watch> watches_;
  clock::time_point wakes_at_ = clock::time_point::max(); ///< the thread
  uint64_t last_id_ = 0;
  bool ending_ = false;
  std::thread thread_; ///< last: it uses all of the above
};

} // namespace sluice
