// One client's connection, held so that it can be cut at any moment: before a
// reply's first byte, with a reset, or from another thread.

#pragma once

#include <httplib.h>

#include <array>
#include <cstddef>
#include <string>

namespace sluice::web {

/// Owns its socket. cpp-httplib hands handlers no way to their connection, so
/// the thread that serves one knows it as `current`.
class connection final : public httplib::Stream {
public:
  explicit connection(socket_t socket) noexcept;
  ~connection() override;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// The connection that the calling thread serves. REQUIRES: there is one.
  [[nodiscard]] static connection& current() noexcept;

  /// Waits for the first byte of a request; false when none comes: closed, or
  /// idle for longer than `idle_ms`.
  [[nodiscard]] bool wait_for_request(int idle_ms);

  /// Closes after the reply under way, whatever the client still sends.
  void close_after_reply() noexcept { fate_ = fate::close_after_reply; }
  /// Closes without another byte.
  void drop() noexcept { fate_ = fate::drop; }
  /// The same, but the client sees a reset, not an orderly end.
  void reset() noexcept { fate_ = fate::reset; }

  [[nodiscard]] bool is_open() const noexcept { return fate_ == fate::open; }

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

private:
  enum class fate { open, close_after_reply, drop, reset };

  [[nodiscard]] bool is_silent() const noexcept {
    return fate_ == fate::drop || fate_ == fate::reset;
  }
  [[nodiscard]] ssize_t receive(char* to, size_t size) const noexcept;
  void discard_input() noexcept;

  socket_t socket_;
  fate fate_ = fate::open;
  std::array<char, 16 << 10> buffer_;
  size_t begin_ = 0; ///< of what is buffered
  size_t end_ = 0;
};

} // namespace sluice::web
