// TLS over a timed_socket. OpenSSL verifies the server's identity, by the
// certificate's subject alternative names only (RFC 9525).

#pragma once

#include "core/base/error.hpp"
#include "core/http/timed_socket.hpp"
#include "core/http/tls_context.hpp"

#include <openssl/ossl_typ.h>

#include <memory>
#include <string>

namespace sluice {

class tls_session {
public:
  /// Performs the handshake with a server that must prove that it is `host`, a
  /// name or an IP address. REQUIRES: `socket` outlives the session. Errors:
  /// ec::usage if the server is not trusted, with a wait if this machine's
  /// clock may be the cause; ec::unavailable if the handshake fails otherwise.
  [[nodiscard]] static caf::expected<std::unique_ptr<tls_session>>
  begin(std::shared_ptr<tls_context> context, timed_socket& socket,
        const std::string& host);

  /// Sends close_notify if it can do so without waiting.
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  // Like the functions of timed_socket. If the connection ends without the
  // server's close_notify, it counts as broken, since anybody on the path could
  // have ended it.

  [[nodiscard]] ssize_t receive(char* out, size_t size);
  [[nodiscard]] ssize_t send(const char* data, size_t size);

  /// True if nothing is unread except TLS's own messages.
  [[nodiscard]] bool is_quiet();

private:
  tls_session(std::shared_ptr<tls_context> context, timed_socket& socket);

  [[nodiscard]] bool expect(const std::string& host);
  [[nodiscard]] caf::error shake_hands(const std::string& host);

  std::shared_ptr<tls_context> context_;
  timed_socket& socket_;
  SSL* tls_;
  bool open_ = false; ///< the handshake is done, and nothing has broken since
};

} // namespace sluice
