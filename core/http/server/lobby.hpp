// The part of http_shell where connections wait while they need no thread: new
// ones until the head of their request is complete, kept ones until the next
// request, and all until the client has received the end of its reply. One
// thread serves all of them without blocking, so a client that sends slowly or
// does not read delays nobody. This thread also accepts connections. A complete
// request goes on to worker_pool.
//
// Bounded by shell_limits: `most_waiting` connections, each with at most one
// head (64 KiB), and `most_unsent` bytes of replies. When there are too many,
// the longest waiting connection is closed with a 503.

#pragma once

#include "core/http/server/refusal_text.hpp"
#include "core/http/server/shell_limits.hpp"
#include "core/http/server/visitor.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice::web {

class lobby {
public:
  /// `serve` takes a connection whose head is complete, or returns false if it
  /// has no room. Throws std::system_error when the system is out of
  /// descriptors. `limits` must outlive the lobby and `listener` must outlive
  /// `run`; `listener` must not block.
  lobby(int listener, const shell_limits& limits, refusal_form form,
        std::function<bool(visitor&)> serve);

  /// Accepts and serves until `stop`, which may be called first. Then all
  /// connections are closed.
  void run();

  // The following can be called from other threads. After `stop`, connections
  // handed over are closed.

  void stop();
  /// Waits for the next request on a connection.
  void await_request(visitor who);
  /// Sends `reply`, then closes the connection once the client has it.
  void send(file_descriptor socket, std::string reply);
  /// Like `send`, with a reply that says why a request is not served.
  void refuse(file_descriptor socket, const refusal& why);

private:
  using clock = std::chrono::steady_clock;
  enum class stage { reading, idle, sending, draining };

  struct guest {
    visitor who; ///< `bytes` holds the reply while it is being sent
    stage at = stage::reading;
    size_t done = 0; ///< bytes sent or drained
    clock::time_point since = clock::now();
    clock::time_point deadline{};
  };

  void hand_in(guest one);
  void wake();
  void take_in();
  void turn(int timeout_ms);
  void look_at(int socket);
  void sweep();
  void accept_all();
  void welcome(guest one);
  void send_away_oldest();

  // The steps of a guest; false means that it must be removed.
  [[nodiscard]] bool go_on(guest& one);
  [[nodiscard]] bool read(guest& one);
  [[nodiscard]] bool answer(guest& one, const refusal& why);
  [[nodiscard]] bool reply(guest& one, std::string text);
  [[nodiscard]] bool send_more(guest& one);
  [[nodiscard]] bool drain(guest& one);
  void make_room_for(size_t bytes);
  [[nodiscard]] bool watch(int socket, unsigned events, bool is_new);

  const int listener_;
  const shell_limits& limits_;
  refusal_form form_;
  std::function<bool(visitor&)> serve_;
  file_descriptor epoll_;
  file_descriptor wake_;
  std::atomic<bool> is_stopping_{false};
  std::unordered_map<int, guest> guests_; ///< by socket; the loop's only
  clock::time_point swept_;

  std::mutex mutex_; ///< guards what follows
  std::vector<guest> handed_in_;
};

} // namespace sluice::web
