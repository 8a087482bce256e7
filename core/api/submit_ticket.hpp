// What a submit needs to be repeated, where the API honours idempotency keys:
// the key, and proof that a later request is the same as the first.

#pragma once

#include "core/base/error.hpp"
#include "core/http/http_message.hpp"
#include "core/base/signature.hpp"

#include <cstdint>
#include <string>

namespace sluice {

/// The ledger keeps it from before the first POST on.
struct submit_ticket {
  std::string key;              ///< a UUID, for this batch's submit alone
  sha256_digest hash{};         ///< of the request that is sent with it
  int64_t first_sent_at_ms = 0; ///< wall clock, before the first POST
};

/// A random UUID (RFC 9562, version 4), from a generator that is fit for
/// secrets. Errors: ec::internal when there is no randomness.
[[nodiscard]] caf::expected<std::string> random_uuid();

/// SHA-256 over all that the server sees of a request: method, address,
/// headers (the API key among them: another one may be another account's) and
/// the exact body.
[[nodiscard]] sha256_digest hash_of(const http_request& request);

} // namespace sluice
