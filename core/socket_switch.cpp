#include "core/socket_switch.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace sluice {

socket_switch::~socket_switch() {
  if (socket_ >= 0)
    close(socket_);
}

void socket_switch::attach(int socket) {
  auto own = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  int old;
  {
    std::lock_guard lock{mutex_};
    old = std::exchange(socket_, own);
  }
  if (old >= 0)
    close(old);
}

void socket_switch::cut() {
  std::lock_guard lock{mutex_};
  if (socket_ >= 0)
    shutdown(socket_, SHUT_RDWR);
}

} // namespace sluice
