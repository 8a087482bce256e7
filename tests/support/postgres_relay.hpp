// A relay between a client and a PostgreSQL server that loses a COMMIT, or any
// other message, or the answer to one, when a test asks for it. Sockets in
// folders, no ports.

#pragma once

#include "core/base/file_descriptor.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice::test {

class postgres_relay {
public:
  enum class fault {
    none,
    lose_commit, ///< it does not reach the server, and the connection breaks
    keep_open,   ///< it is lost, and the server does not notice
    lose_answer, ///< the server commits, and then the connection breaks
    pass_answer, ///< the connection breaks right after the answer
  };

  /// To the server with its socket in `folder`.
  explicit postgres_relay(std::string folder);
  ~postgres_relay();
  postgres_relay(const postgres_relay&) = delete;
  postgres_relay& operator=(const postgres_relay&) = delete;

  /// Happens once, at the next COMMIT.
  void arm(fault next) { fault_ = next; }
  /// Breaks the connection once, at the client's message of that number from
  /// now on, beginning with 1: the server does not get it, or else the client
  /// does not get what the server says after it.
  void break_at(int message, bool reaches_server) {
    reaches_server_ = reaches_server;
    messages_left_ = message;
  }
  /// True once that has happened.
  [[nodiscard]] bool has_broken() const { return messages_left_ == 0; }

  /// True once it has happened.
  [[nodiscard]] bool is_done() const { return fault_ == fault::none; }

  /// The host of its DSN.
  [[nodiscard]] std::string host() const { return folder_.path(); }

private:
  struct link {
    file_descriptor client, server;
    std::string from_client{}; ///< not yet a whole message
    std::string from_server{}; ///< what the client has not got
    bool has_started = false;
    fault at_answer = fault::none;
    bool breaks_at_answer = false;
  };

  void run();
  void accept_one();
  /// False if the link is to be broken.
  bool read_client(link& one);
  bool read_server(link& one);
  bool pass_messages(link& one);

  temp_folder folder_;
  std::string server_folder_;
  file_descriptor listener_;
  std::list<link> links_;
  std::vector<file_descriptor> kept_open_;
  std::atomic<fault> fault_{fault::none};
  std::atomic<int> messages_left_{0}; ///< until the one to break at
  std::atomic<bool> reaches_server_{false};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

} // namespace sluice::test
