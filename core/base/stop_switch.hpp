// Wakes waiting threads, once and for all: the `stop` of an HTTP transport cuts
// it, and the transport's sockets watch it.

#pragma once

#include "core/base/file_descriptor.hpp"

#include <atomic>
#include <chrono>

namespace sluice {

class stop_switch {
public:
  static constexpr std::chrono::milliseconds longest_wait{1'000};

  stop_switch();
  stop_switch(const stop_switch&) = delete;
  stop_switch& operator=(const stop_switch&) = delete;

  /// Wakes every thread that polls `signal`. Cannot be undone. Thread-safe.
  void cut();

  /// Thread-safe.
  [[nodiscard]] bool is_cut() const { return cut_; }

  /// A descriptor for poll(2) that becomes readable on `cut`. -1 if the system
  /// had no descriptor left; so check `is_cut` at least every `longest_wait`.
  [[nodiscard]] int signal() const { return signal_.get(); }

private:
  std::atomic<bool> cut_{false};
  file_descriptor signal_;
};

} // namespace sluice
