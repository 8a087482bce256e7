// Percent-encoding (RFC 3986): a byte as `%` and two hex digits.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// True for an unreserved character, which means the same encoded or not.
[[nodiscard]] bool is_unreserved(char c) noexcept;

/// Appends `byte` as %XX, with upper case digits.
void append_encoded(std::string& out, char byte);

/// Decodes the percent-encoded byte at the front of `text`; nullopt if there is
/// none.
[[nodiscard]] std::optional<char> encoded_byte(std::string_view text) noexcept;

/// Encodes every byte that is not unreserved. The result is safe as a path
/// segment, as a name or value in a query, and in a form.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Decodes `text`; a % without two hex digits stands for itself.
[[nodiscard]] std::string percent_decode(std::string_view text);

} // namespace sluice
