// A socket that another thread may shut down, whoever owns it.

#pragma once

#include <mutex>

namespace sluice {

/// Holds a descriptor of its own for the same connection, so that cutting it
/// can never hit a descriptor number that was closed and given out again.
class socket_switch {
public:
  socket_switch() = default;
  ~socket_switch();
  socket_switch(const socket_switch&) = delete;
  socket_switch& operator=(const socket_switch&) = delete;

  /// Follows `socket` from now on, instead of the one before.
  void attach(int socket);

  /// Shuts the connection down in both directions: whoever waits for it finds
  /// its end. Nothing happens when there is none. Thread-safe.
  void cut();

private:
  std::mutex mutex_;
  int socket_ = -1;
};

} // namespace sluice
