// URL handling for requests: encoding parameters, telling which server a URL
// belongs to, resolving the links in API replies.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The server behind a URL. URLs with equal origins belong to the same server,
/// so both may receive the API key.
struct http_origin {
  bool tls = false;
  std::string host; ///< lower case, without brackets
  uint16_t port = 0;

  bool operator==(const http_origin&) const = default;
};

/// nullopt unless `url` is an absolute http or https URL with a valid port.
[[nodiscard]] std::optional<http_origin> origin_of(std::string_view url);

/// The request target: path and query, at least "/", without the fragment.
/// REQUIRES: `url` has an origin.
[[nodiscard]] std::string target_of(std::string_view url);

/// Appends a query parameter to `url`; encodes both parts.
void append_parameter(std::string& url, std::string_view name,
                      std::string_view value);

/// Removes the query parameters named `name` from `url`.
[[nodiscard]] std::string
without_parameter(std::string_view url, std::string_view name);

/// Resolves `link`, found in a reply to `base`, to an absolute http or https
/// URL without spaces or control characters; nullopt if that is impossible.
[[nodiscard]] std::optional<std::string>
resolve_link(std::string_view base, std::string_view link);

} // namespace sluice
