// Makes the parts of a submit_ticket: its key, and the hash that proves that a
// later request is the same as the first.

#pragma once

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/http/http_message.hpp"

#include <cstdint>
#include <string>

namespace sluice {

/// A random UUID (RFC 9562, version 4), from a generator that is fit for
/// secrets. Errors: ec::internal when there is no randomness.
[[nodiscard]] caf::expected<std::string> random_uuid();

/// SHA-256 over all that the server sees of a request: method, address,
/// headers (the API key among them: another one may be another account's) and
/// the exact body.
[[nodiscard]] sha256_digest hash_of(const http_request& request);

} // namespace sluice
