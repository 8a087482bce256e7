// A private authority and its certificates, created on the spot for TLS tests.

#pragma once

#include <openssl/ossl_typ.h>

#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// The contents of a certificate.
struct certificate_wish {
  std::string names{};       ///< as "DNS:api.test,IP:127.0.0.1"
  std::string common_name{}; ///< of the subject
  long valid_from = -3600;   ///< relative to now, in seconds
  long valid_until = 86'400;
  bool is_authority = false;
};

/// A certificate with its key and its intermediate certificates.
class identity {
public:
  /// Signed only by itself.
  [[nodiscard]] static identity self_signed(const certificate_wish& wish);

  /// A certificate that this authority issues. Includes the authority's own
  /// certificate if the authority is not a root.
  [[nodiscard]] identity issue(const certificate_wish& wish) const;

  [[nodiscard]] X509* certificate() const { return certificate_.get(); }
  [[nodiscard]] EVP_PKEY* key() const { return key_.get(); }

  /// In the format of a `ca_file`.
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] std::string der() const;

  /// A server context with everything, to be freed with SSL_CTX_free.
  [[nodiscard]] SSL_CTX* server_context() const;

private:
  identity(const certificate_wish& wish, const identity* issuer);

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
  std::vector<std::shared_ptr<X509>> chain_;
  bool is_root_ = false;
};

/// A root authority.
[[nodiscard]] inline identity
new_authority(const std::string& name = "Test Authority") {
  return identity::self_signed({.common_name = name, .is_authority = true});
}

} // namespace sluice::test
