// Helpers for text that the protocol limits to ASCII: letter case without a
// locale, blanks, and numbers that must fill the whole text.

#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace sluice {

[[nodiscard]] constexpr char lower_case(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_letter(char c) noexcept {
  return lower_case(c) >= 'a' && lower_case(c) <= 'z';
}

[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    c = lower_case(c);
  return result;
}

/// A space or a tab.
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

/// `text` without blanks around it.
[[nodiscard]] constexpr std::string_view
trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Returns nullopt unless all of `text` is a number that fits in `T`.
template <class T>
[[nodiscard]] std::optional<T> read_number(std::string_view text) noexcept {
  T number{};
  auto end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

} // namespace sluice
