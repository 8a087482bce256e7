#include "core/socket_switch.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <utility>

namespace sluice {

socket_switch::socket_switch()
    : signal_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

void socket_switch::attach(int socket) {
  file_descriptor own{fcntl(socket, F_DUPFD_CLOEXEC, 0)};
  std::lock_guard lock{mutex_};
  std::swap(socket_, own);
  if (cut_)
    shutdown(socket, SHUT_RDWR);
}

void socket_switch::cut() {
  std::lock_guard lock{mutex_};
  cut_ = true;
  if (socket_)
    shutdown(socket_.get(), SHUT_RDWR);
  if (signal_)
    eventfd_write(signal_.get(), 1);
}

bool socket_switch::is_cut() {
  std::lock_guard lock{mutex_};
  return cut_;
}

} // namespace sluice
