#include "core/base/percent_encoding.hpp"

#include "core/base/ascii.hpp"

namespace sluice {

namespace {

constexpr size_t encoded_size = 3;

int hex_value(char c) noexcept {
  if (is_digit(c))
    return c - '0';
  c = lower_case(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

bool is_unreserved(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'
         || c == '~';
}

void append_encoded(std::string& out, char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  auto value = static_cast<unsigned char>(byte);
  out += {'%', digits[value >> 4], digits[value & 15]};
}

std::optional<char> encoded_byte(std::string_view text) noexcept {
  if (text.size() < encoded_size || text[0] != '%')
    return std::nullopt;
  auto high = hex_value(text[1]);
  auto low = hex_value(text[2]);
  if (high < 0 || low < 0)
    return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::string percent_encode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (auto c : text)
    if (is_unreserved(c))
      result += c;
    else
      append_encoded(result, c);
  return result;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto encoded = encoded_byte(text);
    result += encoded.value_or(text[0]);
    text.remove_prefix(encoded ? encoded_size : 1);
  }
  return result;
}

} // namespace sluice
