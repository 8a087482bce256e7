// A raw TCP server for tests: plays scripted bytes, also those that no decent
// server would send, and records what it was asked.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice::test {

/// One reply on a connection, sent when a whole request has been read, unless
/// it is early.
struct scripted_reply {
  enum class then {
    keep,    ///< read the next request
    close,   ///< end the connection
    reset,   ///< end it with a RST
    hang,    ///< send nothing more, keep it open
    dribble, ///< send the last byte again and again, without end
  };
  std::string bytes;
  then after = then::keep;
  /// Sent when the request's head has been read; its body is left unread.
  bool early = false;
};

/// The replies of one connection, in order; after the last, `close`.
using connection_script = std::vector<scripted_reply>;

/// An HTTP/1.1 reply with its Content-Length. `headers` are whole lines.
[[nodiscard]] std::string
http_text(int status, std::string_view body,
          const std::vector<std::string>& headers = {});

/// A 200 with a JSON body.
[[nodiscard]] std::string json_text(std::string_view body);

class scripted_server {
public:
  /// Listens on a free port of 127.0.0.1; the n-th connection is given the
  /// n-th script, further ones are closed at once.
  explicit scripted_server(std::vector<connection_script> scripts);
  ~scripted_server(); ///< ends all connections

  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] std::string base() const; ///< http://127.0.0.1:port

  /// The requests so far, each with its head and body, in order of arrival.
  [[nodiscard]] std::vector<std::string> requests() const;

  /// Connections accepted so far.
  [[nodiscard]] size_t connections() const;

  /// Waits until `count` requests have been read; false after 10 s.
  [[nodiscard]] bool wait_for_requests(size_t count) const;

private:
  void accept_all();
  void play(int socket, const connection_script& script);
  [[nodiscard]] bool
  read_request(int socket, std::string& pending, bool head_only);
  void dribble(int socket, const std::string& bytes);

  std::vector<connection_script> scripts_;
  int listener_ = -1;
  uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool ending_ = false;
  std::vector<int> sockets_; ///< open ones
  std::vector<std::string> requests_;
  size_t connections_ = 0;
  std::list<std::thread> players_;
  std::thread acceptor_;
};

/// A port on which nothing listens.
[[nodiscard]] uint16_t unused_port();

} // namespace sluice::test
