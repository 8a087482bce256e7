// Validates the names and values of HTTP header fields (RFC 9110, 5.1 and 5.5).

#pragma once

#include "core/base/ascii.hpp"

#include <algorithm>
#include <string_view>

namespace sluice {

/// True for a token (RFC 9110, 5.6.2).
[[nodiscard]] inline bool is_field_name(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  auto good = [&](char c) {
    return is_digit(c) || is_letter(c) || marks.find(c) != marks.npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), good);
}

/// True if it has no CR, LF or other control, so one header cannot become two.
[[nodiscard]] inline bool is_field_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '\t' || (c >= 0x20 && c != 0x7F);
  });
}

} // namespace sluice
