// A socket that another thread may shut down, whoever owns it.

#pragma once

#include "core/file_descriptor.hpp"

#include <mutex>

namespace sluice {

/// Holds a descriptor of its own for the same connection, so that cutting it
/// can never hit a descriptor number that was closed and given out again.
class socket_switch {
public:
  socket_switch();
  socket_switch(const socket_switch&) = delete;
  socket_switch& operator=(const socket_switch&) = delete;

  /// Follows `socket` from now on, instead of the one before. After a cut it
  /// is shut down at once.
  void attach(int socket);

  /// Shuts the connection down in both directions: whoever waits for it finds
  /// its end. It stays so: every later one is shut down, too. Thread-safe.
  void cut();

  [[nodiscard]] bool is_cut();

  /// Becomes readable with the cut, for poll(2); -1 when the system has no
  /// more descriptors.
  [[nodiscard]] int signal() const { return signal_.get(); }

private:
  std::mutex mutex_;
  bool cut_ = false;
  file_descriptor socket_;
  file_descriptor signal_;
};

} // namespace sluice
