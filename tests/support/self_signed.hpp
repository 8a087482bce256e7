// A certificate of nobody's authority, made on the spot, for tests of TLS.

#pragma once

#include <openssl/ossl_typ.h>

#include <string>

namespace sluice::test {

/// For the address 127.0.0.1, valid from now for a day.
class self_signed {
public:
  self_signed();
  ~self_signed();
  self_signed(const self_signed&) = delete;
  self_signed& operator=(const self_signed&) = delete;

  [[nodiscard]] X509* certificate() const { return certificate_; }
  [[nodiscard]] EVP_PKEY* key() const { return key_; }

  /// The certificate as a file for `ca_file` holds it.
  [[nodiscard]] std::string pem() const;

private:
  EVP_PKEY* key_;
  X509* certificate_;
};

} // namespace sluice::test
