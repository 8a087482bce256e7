// TLS over a timed_socket, with the server's identity verified by OpenSSL: by
// its certificate's subject alternative names alone (RFC 9525).

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
  /// The handshake with the server at the other end, which must prove to be
  /// `host`, a name or an IP address. REQUIRES: `socket` outlives the session.
  /// Errors: ec::usage when the server is not trusted, with a wait when that
  /// may be this machine's clock; ec::unavailable when the handshake fails
  /// otherwise.
  [[nodiscard]] static caf::expected<std::unique_ptr<tls_session>>
  begin(std::shared_ptr<tls_context> context, timed_socket& socket,
        const std::string& host);

  /// Tells the server of the end, where that needs no waiting.
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  // As those of timed_socket. An end that the server has not announced is a
  // break: anybody on the way could have made it.

  [[nodiscard]] ssize_t receive(char* out, size_t size);
  [[nodiscard]] ssize_t send(const char* data, size_t size);

  /// Nothing has come that was not read, but what TLS sends for itself.
  [[nodiscard]] bool is_quiet();

private:
  tls_session(std::shared_ptr<tls_context> context, timed_socket& socket);

  [[nodiscard]] bool expect(const std::string& host);
  [[nodiscard]] caf::error shake_hands(const std::string& host);

  std::shared_ptr<tls_context> context_;
  timed_socket& socket_;
  SSL* tls_;
  bool open_ = false; ///< hands were shaken, and nothing broke since
};

} // namespace sluice
