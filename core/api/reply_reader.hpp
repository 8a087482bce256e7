// Reads what any reply can carry besides its data: the API's error message, and
// how long to wait. For api_client and the verdicts on submits and reads. Pure.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/http/http_message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The message in the API's own error body, printable. The body must be a JSON
/// object in which a pointer of `profile.error` resolves to a string. nullopt
/// means that the API itself may never have seen the request.
[[nodiscard]] std::optional<std::string>
error_message(const api_profile& profile, std::string_view body);

/// Describes `reply` in a few words: the status, and the API's message
/// (`error_message` of the body) or a note that the body is not the API's;
/// without a reply, the transport's explanation.
[[nodiscard]] std::string
describe(const http_reply& reply, const std::optional<std::string>& message);

/// The wait that `profile.wait_header` asks for, see `read_wait`; on a 429
/// without it, the time until the exhausted quota is restored. At most 10
/// minutes. nullopt if absent or invalid.
[[nodiscard]] std::optional<std::chrono::milliseconds>
retry_hint(const api_profile& profile, const http_reply& reply);

} // namespace sluice
