// One client's connection while its requests are served. It lets the library
// read no further than the end of a request. A handler, in the status page's
// server or the simulator, can drop it, reset it, or take over its socket.

#pragma once

#include "core/http/server/shell_limits.hpp"
#include "core/http/server/visitor.hpp"

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace sluice::web {

/// cpp-httplib gives handlers no access to their connection, so the serving
/// thread finds it through `current`.
class connection final : public httplib::Stream {
public:
  connection(file_descriptor socket, const shell_limits& limits) noexcept;
  ~connection() override;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// The connection that the calling thread serves. REQUIRES: there is one.
  [[nodiscard]] static connection& current() noexcept;

  /// Starts the next request: its complete head, and the bytes that followed.
  void begin(const request_head& head, std::string bytes);

  /// True if another request can follow: all of this one has been read.
  [[nodiscard]] bool can_go_on() const noexcept;
  /// The bytes that followed the request. REQUIRES: `can_go_on`.
  [[nodiscard]] std::string take_rest();

  /// Closes the connection without sending another byte.
  void drop() noexcept { fate_ = fate::drop; }
  /// Like `drop`, but the client sees a reset instead of an orderly close.
  void reset() noexcept { fate_ = fate::reset; }
  /// Sets a function to call before the connection is handed to a new owner.
  void on_take_over(std::function<void()> leave) { leave_ = std::move(leave); }
  /// Hands the socket to the caller, who writes the whole reply.
  [[nodiscard]] file_descriptor take_over() noexcept;

  /// True if no reply will be sent: the connection was dropped or reset.
  [[nodiscard]] bool is_silent() const noexcept {
    return fate_ == fate::drop || fate_ == fate::reset;
  }
  /// After serving: the socket, and the reply that was kept for later.
  [[nodiscard]] file_descriptor take_socket() noexcept;
  [[nodiscard]] std::string take_reply() noexcept { return std::move(kept_); }

  bool is_readable() const override { return !is_silent(); }
  bool is_writable() const override { return !is_silent(); }
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_.get(); }

private:
  using clock = std::chrono::steady_clock;
  enum class fate { open, drop, reset };

  [[nodiscard]] ssize_t refill();
  [[nodiscard]] ssize_t keep(const char* from, size_t size);
  [[nodiscard]] ssize_t send(const char* from, size_t size) const;

  file_descriptor socket_;
  const shell_limits& limits_; ///< owned by the server
  fate fate_ = fate::open;
  std::function<void()> leave_;

  std::string head_; ///< as the library will read it
  size_t head_at_ = 0;
  std::string rest_; ///< received after the head
  size_t rest_at_ = 0;
  uint64_t body_left_ = 0; ///< upper limit of the body's remaining bytes
  bool chunked_ = false;
  clock::time_point body_deadline_;

  std::string kept_; ///< the reply so far
};

} // namespace sluice::web
