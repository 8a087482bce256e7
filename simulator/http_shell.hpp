// cpp-httplib's server with the connections in our own hands: kept alive as
// long as clients like, cut when a fault wants it, and all closed at once by
// `shut_down`, where the library would wait for idle ones.

#pragma once

#include <httplib.h>

#include <mutex>
#include <string>
#include <unordered_set>

namespace sluice::sim {

class http_shell final : public httplib::Server {
public:
  http_shell();

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

  std::mutex mutex_;
  std::unordered_set<socket_t> open_;
  bool is_stopping_ = false;
};

} // namespace sluice::sim
