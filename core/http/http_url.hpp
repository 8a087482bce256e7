// URLs as requests need them: encoding what goes in, telling whose server it
// is, following the links that an API gives.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Who answers at a URL. Two URLs with equal origins are the same server, so
/// the key may go to both.
struct http_origin {
  bool tls = false;
  std::string host; ///< lower case, without brackets
  uint16_t port = 0;

  bool operator==(const http_origin&) const = default;
};

/// nullopt when `url` is no absolute http or https URL with a usable port.
[[nodiscard]] std::optional<http_origin> origin_of(std::string_view url);

/// What a request line asks for: path and query, at least "/", no fragment.
/// REQUIRES: `url` has an origin.
[[nodiscard]] std::string target_of(std::string_view url);

/// `url` with one more query parameter, both parts encoded here.
void append_parameter(std::string& url, std::string_view name,
                      std::string_view value);

/// `url` without the query parameters named `name`.
[[nodiscard]] std::string
without_parameter(std::string_view url, std::string_view name);

/// Where `link`, found in a reply to `base`, leads: an absolute http or https
/// URL, free of spaces and control characters; nullopt when it is none.
[[nodiscard]] std::optional<std::string>
resolve_link(std::string_view base, std::string_view link);

} // namespace sluice
