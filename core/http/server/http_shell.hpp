// cpp-httplib's server behind our own guard. The library routes and answers,
// but it only sees requests whose head was read and validated first
// (request_head), and bodies that end where they must (connection). Idle
// connections wait in the lobby and need no thread; a few threads serve
// requests. `shut_down` closes all connections at once, whereas the library
// would wait for idle ones.
//
// Memory, apart from what handlers use: at most 64 KiB for each of
// shell_limits::most_waiting and `most_queued` connections, 256 KiB for each of
// `threads`, and `most_unsent` bytes. Neither a request nor running out of
// memory ends the process or a server thread.

#pragma once

#include "core/http/server/lobby.hpp"
#include "core/http/server/worker_pool.hpp"

#include <httplib.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace sluice::web {

class connection;

class http_shell final : public httplib::Server {
public:
  explicit http_shell(const shell_limits& limits = {},
                      refusal_form form = plain_refusal());
  ~http_shell() override;

  /// Listens on `host`:`port` (0: any free port). Returns the port, or 0 on
  /// failure, with the reason in errno.
  [[nodiscard]] int bind(const std::string& host, int port);

  /// True if only this machine can reach the server. REQUIRES: bound.
  [[nodiscard]] bool is_loopback() const;

  /// Accepts and serves until `shut_down`. REQUIRES: bound.
  void serve();

  /// Ends `serve`. Can be called from another thread, even before `serve`.
  void shut_down();

private:
  class presence;

  void work(visitor who) noexcept;
  void serve_requests(connection& client, visitor who, presence& here);
  [[nodiscard]] bool serve_one(connection& client, visitor& who);
  [[nodiscard]] bool read_on(int socket, visitor& next) const;

  const shell_limits limits_;
  refusal_form form_;
  std::mutex mutex_;             ///< guards the next two
  std::unordered_set<int> open_; ///< sockets with a request in progress
  bool is_stopping_ = false;
  std::unique_ptr<lobby> lobby_;
  std::unique_ptr<worker_pool> pool_;
};

} // namespace sluice::web
