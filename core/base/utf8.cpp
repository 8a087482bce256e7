#include "core/base/utf8.hpp"

#include <algorithm>

namespace sluice {

namespace {

struct byte_range {
  unsigned char low, high;

  bool holds(char byte) const noexcept {
    auto value = static_cast<unsigned char>(byte);
    return value >= low && value <= high;
  }
};

constexpr byte_range continuation{0x80, 0xBF};

/// The second bytes allowed after a first byte. This excludes overlong forms,
/// surrogates and code points that are too large.
byte_range second_byte(unsigned char first) noexcept {
  switch (first) {
    case 0xE0:
      return {0xA0, 0xBF};
    case 0xED:
      return {0x80, 0x9F};
    case 0xF0:
      return {0x90, 0xBF};
    case 0xF4:
      return {0x80, 0x8F};
    default:
      return continuation;
  }
}

size_t announced_length(unsigned char first) noexcept {
  if (first < 0x80)
    return 1;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

} // namespace

size_t utf8_sequence(std::string_view text) noexcept {
  if (text.empty())
    return 0;
  auto first = static_cast<unsigned char>(text[0]);
  auto length = announced_length(first);
  if (length <= 1)
    return length;
  if (text.size() < length || !second_byte(first).holds(text[1]))
    return 0;
  for (char byte : text.substr(2, length - 2))
    if (!continuation.holds(byte))
      return 0;
  return length;
}

size_t utf8_prefix(std::string_view text) noexcept {
  auto is_ascii = [](char byte) { return static_cast<signed char>(byte) >= 0; };
  auto at = text.begin();
  while ((at = std::find_if_not(at, text.end(), is_ascii)) != text.end()) {
    auto size = utf8_sequence({at, text.end()});
    if (size == 0)
      break;
    at += static_cast<std::ptrdiff_t>(size);
  }
  return static_cast<size_t>(at - text.begin());
}

void append_utf8(std::string& out, uint32_t point) {
  auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  auto follow = [&](int shift) { put(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80)
    return put(point);
  if (point < 0x800) {
    put(0xC0 | (point >> 6));
    return follow(0);
  }
  if (point < 0x10000) {
    put(0xE0 | (point >> 12));
  } else {
    put(0xF0 | ((point >> 18) & 7));
    follow(12);
  }
  follow(6);
  follow(0);
}

bool is_control(std::string_view sequence) noexcept {
  auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1)
    return first < 0x20 || first == 0x7F;
  return sequence.size() == 2 && first == 0xC2
         && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

} // namespace sluice
