// A connected socket on which no call lasts beyond a deadline, or after another
// thread cuts a switch.

#pragma once

#include "core/base/file_descriptor.hpp"
#include "core/base/stop_switch.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <utility>

namespace sluice {

class timed_socket {
public:
  using clock = std::chrono::steady_clock;

  /// `socket` is non-blocking; `stop` outlives this object.
  timed_socket(file_descriptor socket, const stop_switch& stop)
      : socket_{std::move(socket)}, stop_{stop} {}

  /// Applies to all later calls, until set again.
  void set_deadline(clock::time_point deadline) { deadline_ = deadline; }

  /// If `waits` is false, a call that would wait fails with EAGAIN instead.
  void set_waiting(bool waits) { waits_ = waits; }

  /// True if the deadline has passed or the switch was cut; reads and writes
  /// then fail.
  [[nodiscard]] bool is_over() const;

  /// Positive: the number of bytes received; 0: the peer closed the connection;
  /// negative: it broke, or the deadline has passed.
  [[nodiscard]] ssize_t receive(char* out, size_t size);

  /// The number of bytes sent, perhaps less than `size`; negative: the
  /// connection broke, or the deadline has passed.
  [[nodiscard]] ssize_t send(const char* data, size_t size);

private:
  void wait_for(short events);

  file_descriptor socket_;
  const stop_switch& stop_;
  clock::time_point deadline_ = clock::time_point::max();
  bool waits_ = true;
  bool has_sent_ = false; ///< since the last call to `receive`
};

} // namespace sluice
