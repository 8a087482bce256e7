// One client's connection while its requests are served. What the library
// reads of it ends where the request ends; what it writes may be cut at any
// moment: before a reply's first byte, with a reset, or from another thread.

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

/// cpp-httplib hands handlers no way to their connection, so the thread that
/// serves one knows it as `current`.
class connection final : public httplib::Stream {
public:
  connection(file_descriptor socket, const shell_limits& limits) noexcept;
  ~connection() override;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// The connection that the calling thread serves. REQUIRES: there is one.
  [[nodiscard]] static connection& current() noexcept;

  /// The next request: its head, which is complete, and what came after it.
  void begin(const request_head& head, std::string bytes);

  /// Whether another request can follow: nothing of this one is unread.
  [[nodiscard]] bool can_go_on() const noexcept;
  /// What came after the request. REQUIRES: `can_go_on`.
  [[nodiscard]] std::string take_rest();

  /// Closes without another byte.
  void drop() noexcept { fate_ = fate::drop; }
  /// The same, but the client sees a reset, not an orderly end.
  void reset() noexcept { fate_ = fate::reset; }
  /// Has `leave` called before the connection is handed to anybody.
  void on_take_over(std::function<void()> leave) { leave_ = std::move(leave); }
  /// Hands the connection to the caller, who writes all of the reply.
  [[nodiscard]] file_descriptor take_over() noexcept;

  /// Whether a reply is still to come, or was written.
  [[nodiscard]] bool is_silent() const noexcept {
    return fate_ == fate::drop || fate_ == fate::reset;
  }
  /// The end of its serving: the socket, and the reply that was kept.
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
  const shell_limits& limits_; ///< of the server
  fate fate_ = fate::open;
  std::function<void()> leave_;

  std::string head_; ///< as the library reads it
  size_t head_at_ = 0;
  std::string rest_; ///< received after the head
  size_t rest_at_ = 0;
  uint64_t body_left_ = 0; ///< bytes that the body may still have
  bool chunked_ = false;
  clock::time_point body_deadline_;

  std::string kept_; ///< of the reply
};

} // namespace sluice::web
