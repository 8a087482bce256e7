// cpp-httplib's server behind a guard of our own: it routes and answers, but
// sees only requests whose head was read and found good (request_head), and
// bodies that end where they must (connection). Connections wait in the lobby,
// where they need no thread; a few threads serve requests. All are closed at
// once by `shut_down`, where the library would wait for idle ones.
//
// Memory: besides what handlers take, at most 64 KiB for each connection of
// shell_limits::most_waiting and `most_queued`, 256 KiB for each of `threads`,
// and `most_unsent` bytes. No request and no failure of memory ends the
// process or one of the server's threads.

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

  /// Listens on `host`:`port` (0: a free one). Returns the port, 0 on failure,
  /// with the reason in errno.
  [[nodiscard]] int bind(const std::string& host, int port);

  /// Whether only this machine can reach it. REQUIRES: bound.
  [[nodiscard]] bool is_loopback() const;

  /// Accepts and serves until `shut_down`. REQUIRES: bound.
  void serve();

  /// Ends `serve`. May be called from another thread, also before `serve`.
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
  std::unordered_set<int> open_; ///< sockets of requests under way
  bool is_stopping_ = false;
  std::unique_ptr<lobby> lobby_;
  std::unique_ptr<worker_pool> pool_;
};

} // namespace sluice::web
