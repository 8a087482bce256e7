// What any reply may carry beside its data: the API's own words on an error,
// and how long to wait. Pure.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/http/http_message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The message of the API's own error body, printable: the body is a JSON
/// object in which a pointer of `profile.error` resolves to a string.
/// nullopt means that the API itself may never have seen the request.
[[nodiscard]] std::optional<std::string>
error_message(const api_profile& profile, std::string_view body);

/// `reply` in a few words: the status and the API's message, which is
/// `error_message` of its body, or what can be said of a body that is not the
/// API's, or the transport's words.
[[nodiscard]] std::string
describe(const http_reply& reply, const std::optional<std::string>& message);

/// The wait that `profile.wait_header` asks for, see `read_wait`; on a 429
/// without it, the wait until the exhausted quota is restored. Cut to 10
/// minutes. nullopt when absent or nonsense.
[[nodiscard]] std::optional<std::chrono::milliseconds>
retry_hint(const api_profile& profile, const http_reply& reply);

} // namespace sluice
