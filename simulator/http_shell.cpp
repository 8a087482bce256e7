#include "simulator/http_shell.hpp"

#include "simulator/connection.hpp"

#include <sys/socket.h>

namespace sluice::sim {

namespace {

/// A thread serves one connection: more than any client keeps open.
constexpr size_t threads = 96;
constexpr int backlog = 512;

/// A client may let its page wait while its own receiver is stuck.
constexpr time_t write_timeout_s = 3600;
constexpr time_t read_timeout_s = 60;

/// Unlike the library's default, lets a port in use be seen as such.
void set_reuse_address(socket_t socket) {
  int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

} // namespace

http_shell::http_shell() {
  new_task_queue = [] { return new httplib::ThreadPool(threads); };
  set_socket_options(set_reuse_address);
  set_tcp_nodelay(true);
  set_keep_alive_max_count(1'000'000);
  set_keep_alive_timeout(300);
  set_read_timeout(read_timeout_s);
  set_write_timeout(write_timeout_s);
}

int http_shell::bind(const std::string& host, int port) {
  auto bound = port == 0                  ? bind_to_any_port(host)
               : bind_to_port(host, port) ? port
                                          : 0;
  if (bound <= 0)
    return 0;
  // The library's own backlog of 5 makes clients wait that come together.
  return ::listen(svr_sock_, backlog) == 0 ? bound : 0;
}

void http_shell::serve() {
  listen_after_bind();
}

void http_shell::shut_down() {
  std::lock_guard guard{mutex_};
  is_stopping_ = true;
  for (auto socket : open_)
    ::shutdown(socket, SHUT_RDWR);
  // Wakes the accepting thread, which then closes the socket itself: closing
  // it here would race with its next accept.
  ::shutdown(svr_sock_, SHUT_RDWR);
}

bool http_shell::process_and_close_socket(socket_t socket) {
  connection client{socket};
  if (!enter(socket))
    return false;
  auto closed_by_client = false;
  while (!closed_by_client && client.is_open() && client.wait_for_request())
    if (!process_request(client, false, closed_by_client, nullptr))
      break;
  leave(socket);
  return true;
}

bool http_shell::enter(socket_t socket) {
  std::lock_guard guard{mutex_};
  if (!is_stopping_)
    open_.insert(socket);
  return !is_stopping_;
}

void http_shell::leave(socket_t socket) {
  std::lock_guard guard{mutex_};
  open_.erase(socket);
}

} // namespace sluice::sim
