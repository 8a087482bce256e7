// A raw TCP server for tests. It plays scripted bytes, even those that no
// decent server would send, and records its requests.

#pragma once

#include "tests/support/certificates.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice::test {

/// One reply on a connection, sent after a whole request has been read unless
/// it is early.
struct scripted_reply {
  enum class then {
    keep,    ///< read the next request
    close,   ///< end the connection
    reset,   ///< end it with a RST
    hang,    ///< send nothing more and keep the connection open
    dribble, ///< repeat the last byte forever
    flood,   ///< repeat `again` as fast as it is received
    cut,     ///< end the connection, in TLS without a close
    tls,     ///< continue in TLS
  };
  std::string bytes;
  then after = then::keep;
  /// Sent once the request's head has been read. The body is left unread.
  bool early = false;
  /// Sent at once, without a request.
  bool unasked = false;
  std::string again{};
};

/// The replies of one connection, in order. The connection is closed after the
/// last.
using connection_script = std::vector<scripted_reply>;

/// An HTTP/1.1 reply with its Content-Length. `headers` are whole lines.
[[nodiscard]] std::string
http_text(int status, std::string_view body,
          const std::vector<std::string>& headers = {});

/// A 200 with a JSON body.
[[nodiscard]] std::string json_text(std::string_view body);

class scripted_server {
public:
  /// Listens on a free port of 127.0.0.1. The n-th connection gets the n-th
  /// script, and further ones are closed at once. With an identity it speaks
  /// TLS from the start, unless the script's first reply is followed by TLS.
  explicit scripted_server(std::vector<connection_script> scripts,
                           const identity* proven_by = nullptr);
  ~scripted_server(); ///< ends all connections

  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] std::string base() const; ///< http://127.0.0.1:port

  /// The requests so far, each with its head and body, in order of arrival.
  [[nodiscard]] std::vector<std::string> requests() const;

  /// Connections accepted so far.
  [[nodiscard]] size_t connections() const;

  /// Waits until `count` requests have been read. False after 10 s.
  [[nodiscard]] bool wait_for_requests(size_t count) const;

  /// Waits until `count` replies have been passed to the system.
  [[nodiscard]] bool wait_for_replies(size_t count) const;

  /// Everything read on each connection in clear text, once all have ended.
  /// nullopt if they have not after 10 s.
  [[nodiscard]] std::optional<size_t> bytes_read_at_end() const;

private:
  class peer;

  void accept_all();
  void play(peer& client, const connection_script& script);
  [[nodiscard]] bool
  answer(peer& client, const scripted_reply& reply, std::string& pending);
  [[nodiscard]] bool
  read_request(peer& client, std::string& pending, bool head_only);
  void dribble(peer& client, const std::string& bytes);
  [[nodiscard]] bool wait_for(const std::function<bool()>& condition) const;

  std::vector<connection_script> scripts_;
  std::shared_ptr<SSL_CTX> tls_; ///< null for plain TCP
  int listener_ = -1;
  uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool ending_ = false;
  std::vector<int> sockets_; ///< open connections
  std::vector<std::string> requests_;
  size_t connections_ = 0;
  size_t replies_ = 0;
  size_t bytes_read_ = 0;
  std::list<std::thread> players_;
  std::thread acceptor_;
};

/// A port on which nothing listens.
[[nodiscard]] uint16_t unused_port();

} // namespace sluice::test
