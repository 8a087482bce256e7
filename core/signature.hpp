// Fingerprints of text, as lower-case hexadecimal digits.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice {

/// SHA-256 of the parts, one after another.
[[nodiscard]] std::string
sha256_hex(std::initializer_list<std::string_view> parts);

/// HMAC-SHA-256 of `text` under `key`.
[[nodiscard]] std::string
hmac_sha256_hex(std::string_view key, std::string_view text);

} // namespace sluice
