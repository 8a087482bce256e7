// cpp-httplib's server with the connections in our own hands: kept alive as
// long as clients like, cut when a fault wants it, and all closed at once by
// `shut_down`, where the library would wait for idle ones. The status page is
// served by the same.

#pragma once

#include <httplib.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <string>
#include <unordered_set>

namespace sluice::web {

/// What clients may take of a server. The defaults are those of an API that
/// many workers ask.
struct shell_limits {
  size_t threads = 96;                ///< each serves one connection
  size_t most_connections = SIZE_MAX; ///< more are closed at once
  bool keep_alive = true;             ///< else one request a connection
  int idle_ms = 300'000;              ///< before a request's first byte
  time_t read_timeout_s = 60;
  /// A client may let its page wait while its own receiver is stuck.
  time_t write_timeout_s = 3600;
};

class http_shell final : public httplib::Server {
public:
  explicit http_shell(const shell_limits& limits = {});

  /// Listens on `host`:`port` (0: a free one). Returns the port, 0 on failure.
  [[nodiscard]] int bind(const std::string& host, int port);

  /// Accepts and serves until `shut_down`. REQUIRES: bound.
  void serve();

  /// Ends `serve`. May be called from another thread, also before `serve`.
  void shut_down();

private:
  bool process_and_close_socket(socket_t socket) override;
  [[nodiscard]] bool enter(socket_t socket);
  void leave(socket_t socket);

  shell_limits limits_;
  std::mutex mutex_;
  std::unordered_set<socket_t> open_;
  bool is_stopping_ = false;
};

} // namespace sluice::web
