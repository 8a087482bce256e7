// Base64 (RFC 4648, section 4).

#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Encodes `bytes`, with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

/// Decodes `text`, with or without padding. Returns an empty string when it is
/// not base64.
[[nodiscard]] std::string base64_decoded(std::string_view text);

} // namespace sluice
