// Ends the waiting of another thread, for good.

#pragma once

#include "core/base/file_descriptor.hpp"

#include <atomic>

namespace sluice {

class stop_switch {
public:
  stop_switch();
  stop_switch(const stop_switch&) = delete;
  stop_switch& operator=(const stop_switch&) = delete;

  /// Whoever waits with an eye on `signal` goes on at once. It stays so.
  /// Thread-safe.
  void cut();

  /// Thread-safe.
  [[nodiscard]] bool is_cut() const { return cut_; }

  /// Becomes readable with the cut, for poll(2); -1 when the system had no
  /// descriptor left, so nobody may wait for long without asking `is_cut`.
  [[nodiscard]] int signal() const { return signal_.get(); }

private:
  std::atomic<bool> cut_{false};
  file_descriptor signal_;
};

} // namespace sluice
