// RFC 3986's percent-encoding: a byte as `%` and two hex digits.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// RFC 3986's unreserved characters, which mean the same encoded or not.
[[nodiscard]] bool is_unreserved(char c) noexcept;

/// Appends `byte` as %XX, with upper case digits.
void append_encoded(std::string& out, char byte);

/// The byte that the encoding at the front of `text` means; nullopt when
/// there is none.
[[nodiscard]] std::optional<char> encoded_byte(std::string_view text) noexcept;

/// `text` with every byte but the unreserved ones as %XX: safe as one path
/// segment, as a query's name or value, and in a form.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The bytes that `text` stands for; a % without two hex digits stands for
/// itself.
[[nodiscard]] std::string percent_decode(std::string_view text);

} // namespace sluice
