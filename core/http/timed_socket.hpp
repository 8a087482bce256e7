// A connected socket on which no call outlasts a deadline, or a switch that
// another thread may throw.

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

  /// `socket` is non-blocking; `stop` outlives this.
  timed_socket(file_descriptor socket, const stop_switch& stop)
      : socket_{std::move(socket)}, stop_{stop} {}

  /// For all that follows, until the next one.
  void set_deadline(clock::time_point deadline) { deadline_ = deadline; }

  /// Without waiting, a call that has nothing to do yet fails with EAGAIN.
  void set_waiting(bool waits) { waits_ = waits; }

  /// The deadline is over or the switch was thrown: nothing is read or
  /// written any more.
  [[nodiscard]] bool is_over() const;

  /// Positive: so many bytes came; 0: the peer has ended the connection;
  /// negative: it broke, or its time is over.
  [[nodiscard]] ssize_t receive(char* out, size_t size);

  /// How many bytes left, perhaps less than `size`; negative: the peer takes
  /// no more, or the time is over.
  [[nodiscard]] ssize_t send(const char* data, size_t size);

private:
  void wait_for(short events);

  file_descriptor socket_;
  const stop_switch& stop_;
  clock::time_point deadline_ = clock::time_point::max();
  bool waits_ = true;
};

} // namespace sluice
