// SHA-256 digests and HMACs. Hexadecimal digits are lower case.

#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice {

using sha256_digest = std::array<uint8_t, 32>;

/// SHA-256 of the concatenated parts.
[[nodiscard]] sha256_digest
sha256(std::initializer_list<std::string_view> parts);

/// SHA-256 of the concatenated parts, in hexadecimal.
[[nodiscard]] std::string
sha256_hex(std::initializer_list<std::string_view> parts);

/// HMAC-SHA-256 of `text` under `key`, in hexadecimal.
[[nodiscard]] std::string
hmac_sha256_hex(std::string_view key, std::string_view text);

} // namespace sluice
