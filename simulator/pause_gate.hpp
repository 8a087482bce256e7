// Holds up requests for a while to simulate an outage, when a client of
// http_front asks for a pause.

#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace sluice::sim {

/// Thread-safe.
class pause_gate {
public:
  using clock = std::chrono::steady_clock;

  /// Closes the gate until `when`. A time in the past opens it.
  void close_until(clock::time_point when) { set_open_at(when, false); }

  /// Opens the gate permanently.
  void open_forever() { set_open_at(clock::time_point::min(), true); }

  /// Blocks while the gate is closed.
  void wait() {
    std::unique_lock guard{mutex_};
    ++waiting_;
    while (!is_for_good_ && clock::now() < open_at_)
      changed_.wait_until(guard, open_at_);
    --waiting_;
  }

  /// The number of blocked threads.
  [[nodiscard]] unsigned waiting() {
    std::lock_guard guard{mutex_};
    return waiting_;
  }

private:
  void set_open_at(clock::time_point when, bool for_good) {
    {
      std::lock_guard guard{mutex_};
      open_at_ = when;
      is_for_good_ = is_for_good_ || for_good;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  clock::time_point open_at_ = clock::time_point::min();
  bool is_for_good_ = false;
  unsigned waiting_ = 0;
};

} // namespace sluice::sim
