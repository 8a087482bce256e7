// Where connections wait while no thread is needed for them: new ones until
// their request's head is whole, kept ones until the next comes, and all until
// their client has taken the end of its reply. One thread looks after them and
// waits for none, so that a client that drips, or does not read, holds nobody
// up. It is also the one that accepts.
//
// Bounded: shell_limits::most_waiting connections, of which each holds at most
// one head (64 KiB), and shell_limits::most_unsent bytes of replies. Where one
// too many comes, the one that has waited longest goes, with a 503.

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
  /// `serve` takes one whose head is whole; false when it has no room. Throws
  /// std::system_error when the system has no more descriptors. `limits` must
  /// outlive it, `listener` its `run`, and not block.
  lobby(int listener, const shell_limits& limits, refusal_form form,
        std::function<bool(visitor&)> serve);

  /// Accepts and looks after all until `stop`, which may come before. All
  /// connections are closed then.
  void run();

  // What other threads may call. After `stop` what they hand over is closed.

  void stop();
  /// Has the next request on a connection waited for.
  void await_request(visitor who);
  /// Has `reply` sent, and the connection closed when the client has it.
  void send(file_descriptor socket, std::string reply);
  /// The same with why a request was not served.
  void refuse(file_descriptor socket, const refusal& why);

private:
  using clock = std::chrono::steady_clock;
  enum class stage { reading, idle, sending, draining };

  struct guest {
    visitor who; ///< `bytes` are the reply when it is sent
    stage at = stage::reading;
    size_t done = 0; ///< bytes that were sent or drained
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

  // What a guest does; false when it is to go.
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
  std::unordered_map<int, guest> guests_; ///< of the loop's thread, by socket
  clock::time_point swept_;

  std::mutex mutex_; ///< guards what follows
  std::vector<guest> handed_in_;
};

} // namespace sluice::web
