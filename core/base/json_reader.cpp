#include "core/base/json_reader.hpp"

#include "core/base/utf8.hpp"

namespace sluice {

namespace {

constexpr uint32_t first_high = 0xd800;
constexpr uint32_t first_low = 0xdc00;
constexpr uint32_t past_surrogates = 0xe000;

/// The four hex digits of the \u escape whose backslash is at `at`.
uint32_t code_unit(const char* at) {
  uint32_t unit = 0;
  for (int i = 2; i < 6; ++i)
    unit = unit << 4 | static_cast<uint32_t>(json_scan::hex_digit(at[i]));
  return unit;
}

/// Appends a \u escape or a surrogate pair; returns the byte after it.
const char* append_unicode(std::string& out, const char* at, const char* end) {
  auto point = code_unit(at);
  at += 6;
  auto is_high = point >= first_high && point < first_low;
  if (is_high && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
    auto low = code_unit(at);
    if (low >= first_low && low < past_surrogates) {
      point = 0x10000 + ((point - first_high) << 10) + (low - first_low);
      at += 6;
    }
  }
  append_utf8(out, point);
  return at;
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

} // namespace

std::string_view
json_text(const json_token& token, std::string& scratch, size_t most) {
  if (!token.escaped)
    return token.text.substr(0, most);
  scratch.clear();
  auto at = token.text.data();
  auto end = at + token.text.size();
  for (;;) {
    auto next = json_scan::plain(at, end);
    auto plain = std::string_view{at, static_cast<size_t>(next - at)};
    scratch += plain.substr(0, most - scratch.size());
    if (next == end || scratch.size() >= most)
      return scratch;
    if (next[1] == 'u') {
      at = append_unicode(scratch, next, end);
    } else {
      scratch += simple_escape(next[1]);
      at = next + 2;
    }
    if (scratch.size() > most)
      scratch.resize(most);
  }
}

} // namespace sluice
