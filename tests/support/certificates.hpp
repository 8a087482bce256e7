// A private authority and its certificates, made on the spot, for tests of
// TLS.

#pragma once

#include <openssl/ossl_typ.h>

#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// What a certificate is to say.
struct certificate_wish {
  std::string names{};       ///< as "DNS:api.test,IP:127.0.0.1"
  std::string common_name{}; ///< of the subject
  long valid_from = -3600;   ///< seconds from now
  long valid_until = 86'400;
  bool is_authority = false;
};

/// A certificate with its key, and those between it and the authority.
class identity {
public:
  /// Nobody's but its own.
  [[nodiscard]] static identity self_signed(const certificate_wish& wish);

  /// What this one, an authority, vouches for. The authority's own certificate
  /// goes along where it is no root.
  [[nodiscard]] identity issue(const certificate_wish& wish) const;

  [[nodiscard]] X509* certificate() const { return certificate_.get(); }
  [[nodiscard]] EVP_PKEY* key() const { return key_.get(); }

  /// As a file for `ca_file` holds it.
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] std::string der() const;

  /// A server's context with all of it, to be freed by SSL_CTX_free.
  [[nodiscard]] SSL_CTX* server_context() const;

private:
  identity(const certificate_wish& wish, const identity* issuer);

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
  std::vector<std::shared_ptr<X509>> chain_;
  bool is_root_ = false;
};

/// A root.
[[nodiscard]] inline identity
new_authority(const std::string& name = "Test Authority") {
  return identity::self_signed({.common_name = name, .is_authority = true});
}

} // namespace sluice::test
