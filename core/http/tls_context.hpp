// The trusted CA certificates and other settings that TLS connections share.

#pragma once

#include "core/base/error.hpp"

#include <openssl/ossl_typ.h>

#include <memory>
#include <string>

namespace sluice {

class tls_context {
public:
  /// The process-wide context for `ca_file` (empty: the system's CA
  /// certificates): loaded for its first owner, freed with its last. Errors:
  /// see check_ca_file.
  [[nodiscard]] static caf::expected<std::shared_ptr<tls_context>>
  shared(const std::string& ca_file);

  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  [[nodiscard]] SSL_CTX* get() const { return context_; }

private:
  explicit tls_context(SSL_CTX* context) : context_{context} {}

  [[nodiscard]] static caf::expected<std::shared_ptr<tls_context>>
  load(const std::string& ca_file);

  SSL_CTX* context_;
};

/// ec::usage unless `file` is a PEM file with at least one certificate and no
/// damaged one.
[[nodiscard]] caf::error check_ca_file(const std::string& file);

} // namespace sluice
