// Scanners for the parts of a JSON text (RFC 8259) that are read byte by byte:
// blanks, strings, numbers. For the readers of JSON, above all json_reader.hpp.
// All functions start at `at` and read nothing at or beyond `end`.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sluice::json_scan {

/// The first byte that is not a blank (RFC 8259, section 2).
inline const char* blanks(const char* at, const char* end) noexcept {
  while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
    ++at;
  return at;
}

/// The first byte that a string cannot contain unescaped: a quote, a backslash
/// or a control character.
inline const char* plain(const char* at, const char* end) noexcept {
#ifdef __SSE2__
  const auto quote = _mm_set1_epi8('"');
  const auto backslash = _mm_set1_epi8('\\');
  const auto last_control = _mm_set1_epi8(0x1f);
  for (; end - at >= 16; at += 16) {
    auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    auto control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    auto escape = _mm_cmpeq_epi8(bytes, backslash);
    auto found =
      _mm_or_si128(_mm_or_si128(control, escape), _mm_cmpeq_epi8(bytes, quote));
    if (auto mask = static_cast<unsigned>(_mm_movemask_epi8(found)); mask != 0)
      return at + std::countr_zero(mask);
  }
#endif
  while (at != end && *at != '"' && *at != '\\'
         && static_cast<unsigned char>(*at) >= 0x20)
    ++at;
  return at;
}

/// The value of a hex digit; -1 for any other byte.
inline int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  auto lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// True for a byte that forms a two-character escape with the backslash before
/// it, so not for the `u` of \uXXXX.
inline bool is_simple_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return true;
    default:
      return false;
  }
}

/// The end of the escape whose backslash is at `at`; nullptr if the escape is
/// invalid (section 7).
inline const char* escape(const char* at, const char* end) noexcept {
  if (end - at < 2)
    return nullptr;
  if (is_simple_escape(at[1]))
    return at + 2;
  if (at[1] != 'u' || end - at < 6)
    return nullptr;
  for (int i = 2; i < 6; ++i)
    if (hex_digit(at[i]) < 0)
      return nullptr;
  return at + 6;
}

inline const char* digits(const char* at, const char* end) noexcept {
  while (at != end && *at >= '0' && *at <= '9')
    ++at;
  return at;
}

/// The end of a number (section 6). If the number is malformed, sets `bad` and
/// returns where it goes wrong.
inline const char* number(const char* at, const char* end, bool& bad) noexcept {
  auto some_digits = [&] {
    auto begin = at;
    at = digits(at, end);
    bad = at == begin;
    return !bad;
  };
  if (at != end && *at == '-')
    ++at;
  if (at != end && *at == '0')
    ++at;
  else if (!some_digits())
    return at;
  if (at != end && *at == '.') {
    ++at;
    if (!some_digits())
      return at;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-'))
      ++at;
    some_digits();
  }
  return at;
}

} // namespace sluice::json_scan
