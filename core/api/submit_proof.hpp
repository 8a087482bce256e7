// Creates the parts of a submit_ticket: its key, and the hash that proves that
// a later request equals the first.

#pragma once

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/http/http_message.hpp"

#include <cstdint>
#include <string>

namespace sluice {

/// A random UUID (RFC 9562, version 4), cryptographically secure. Errors:
/// ec::internal if the system provides no random numbers.
[[nodiscard]] caf::expected<std::string> random_uuid();

/// SHA-256 over everything the server sees of a request: method, URL, headers
/// (including the API key, since another key may belong to another account) and
/// the exact body.
[[nodiscard]] sha256_digest hash_of(const http_request& request);

} // namespace sluice
