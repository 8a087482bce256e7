#include "web/http_shell.hpp"

#include "web/connection.hpp"

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <utility>

namespace sluice::web {

namespace {

constexpr int backlog = 512;

/// The connection that the calling thread is given is one too many.
thread_local bool is_refusing = false;

/// The library's pool with an end: what it has no room for is carried out at
/// once, by the accepting thread, as refused.
class bounded_pool final : public httplib::TaskQueue {
public:
  bounded_pool(size_t threads, size_t most_tasks)
      : pool_{threads}, most_{most_tasks} {}

  void enqueue(std::function<void()> task) override {
    if (tasks_ >= most_) {
      is_refusing = true;
      task();
      is_refusing = false;
      return;
    }
    ++tasks_;
    pool_.enqueue([this, task = std::move(task)] {
      task();
      --tasks_;
    });
  }

  void shutdown() override { pool_.shutdown(); }

private:
  httplib::ThreadPool pool_;
  size_t most_;
  std::atomic<size_t> tasks_{0};
};

/// Unlike the library's default, lets a port in use be seen as such.
void set_reuse_address(socket_t socket) {
  int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

} // namespace

http_shell::http_shell(const shell_limits& limits) : limits_{limits} {
  new_task_queue = [limits] {
    return new bounded_pool(limits.threads, limits.most_connections);
  };
  set_socket_options(set_reuse_address);
  set_tcp_nodelay(true);
  set_keep_alive_max_count(1'000'000);
  set_keep_alive_timeout(300);
  set_read_timeout(limits.read_timeout_s);
  set_write_timeout(limits.write_timeout_s);
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
  if (is_refusing || !enter(socket))
    return false;
  auto is_last = !limits_.keep_alive;
  auto closed_by_client = false;
  while (!closed_by_client && client.is_open()
         && client.wait_for_request(limits_.idle_ms))
    if (!process_request(client, is_last, closed_by_client, nullptr) || is_last)
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

} // namespace sluice::web
