#include "core/base/undo_escapes.hpp"

#include "core/base/percent_encoding.hpp"
#include "core/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace sluice {

namespace {

constexpr std::string_view first_characters = "\\%&";

/// An escape at the front of a text; `size` is 0 if the text does not begin
/// with one.
struct escape {
  size_t size = 0;
  uint32_t value = 0;
  bool is_byte = false; ///< else a Unicode character
};

constexpr escape none{};

std::optional<uint32_t> number_in(std::string_view digits, int base) {
  uint32_t value = 0;
  auto end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

/// `\uXXXX` and the like: `count` hex digits after `lead` characters.
escape with_digits(std::string_view text, size_t lead, size_t count) {
  if (text.size() < lead + count)
    return none;
  auto value = number_in(text.substr(lead, count), 16);
  return value ? escape{lead + count, *value} : none;
}

/// `\u{XX}` or `\x{XX}`.
escape with_braces(std::string_view text) {
  constexpr size_t lead = 3;
  constexpr size_t longest = 8;
  auto end = text.substr(0, lead + longest + 1).find('}');
  if (end == std::string_view::npos)
    return none;
  auto value = number_in(text.substr(lead, end - lead), 16);
  return value ? escape{end + 1, *value} : none;
}

/// A surrogate pair: two escapes for one character above U+FFFF.
escape with_surrogates(std::string_view text) {
  auto high = with_digits(text, 2, 4);
  if (high.value < 0xD800 || high.value > 0xDBFF)
    return high;
  auto rest = text.substr(high.size);
  if (!rest.starts_with("\\u"))
    return high;
  auto low = with_digits(rest, 2, 4);
  if (low.value < 0xDC00 || low.value > 0xDFFF)
    return high;
  return {high.size + low.size,
          0x10000 + ((high.value - 0xD800) << 10) + (low.value - 0xDC00)};
}

/// Up to three octal digits.
escape with_octal_digits(std::string_view text) {
  auto digits = text.substr(1, 3);
  digits = digits.substr(0, digits.find_first_not_of("01234567"));
  auto value = number_in(digits, 8);
  return value ? escape{1 + digits.size(), *value & 0xFF, true} : none;
}

escape lettered(char letter) {
  constexpr std::string_view letters = "abfnrtv";
  constexpr std::string_view values = "\a\b\f\n\r\t\v";
  auto at = letters.find(letter);
  auto byte = at == std::string_view::npos ? letter : values[at];
  return {2, static_cast<unsigned char>(byte), true};
}

escape behind_backslash(std::string_view text) {
  if (text.size() < 2)
    return none;
  auto result = none;
  auto letter = text[1];
  auto has_brace = text.size() > 2 && text[2] == '{';
  if ((letter == 'u' || letter == 'x') && has_brace) {
    result = with_braces(text);
  } else if (letter == 'u') {
    result = with_surrogates(text);
  } else if (letter == 'U') {
    result = with_digits(text, 2, 8);
  } else if (letter == 'x') {
    result = with_digits(text, 2, 2);
    result.is_byte = true;
  } else {
    result = with_octal_digits(text);
  }
  return result.size > 0 ? result : lettered(letter);
}

escape behind_percent(std::string_view text) {
  if (auto byte = encoded_byte(text))
    return {3, static_cast<unsigned char>(*byte), true};
  return text.starts_with("%u") ? with_digits(text, 2, 4) : none;
}

using entity = std::pair<std::string_view, char>;

/// The ASCII characters that are not letters or digits.
constexpr auto entities = std::to_array<entity>({
  {"amp", '&'},    {"apos", '\''},  {"ast", '*'},    {"bsol", '\\'},
  {"colon", ':'},  {"comma", ','},  {"commat", '@'}, {"dollar", '$'},
  {"equals", '='}, {"excl", '!'},   {"grave", '`'},  {"gt", '>'},
  {"hat", '^'},    {"lbrace", '{'}, {"lbrack", '['}, {"lcub", '{'},
  {"lowbar", '_'}, {"lpar", '('},   {"lsqb", '['},   {"lt", '<'},
  {"nbsp", ' '},   {"newline", 10}, {"num", '#'},    {"percnt", '%'},
  {"period", '.'}, {"plus", '+'},   {"quest", '?'},  {"quot", '"'},
  {"rbrace", '}'}, {"rbrack", ']'}, {"rcub", '}'},   {"rpar", ')'},
  {"rsqb", ']'},   {"semi", ';'},   {"sol", '/'},    {"tab", '\t'},
  {"vert", '|'},
});

bool is_word_character(char c) {
  return is_unreserved(c) && c != '-' && c != '.' && c != '_' && c != '~';
}

/// The semicolon may be missing, as browsers allow.
escape behind_ampersand(std::string_view text) {
  constexpr size_t longest = 12;
  auto is_number = text.starts_with("&#");
  auto is_hex = is_number && text.size() > 2 && (text[2] | 0x20) == 'x';
  size_t lead = is_hex ? 3 : is_number ? 2 : 1;
  auto rest = text.substr(std::min(lead, text.size()), longest);
  auto word = rest.substr(
    0, static_cast<size_t>(
         std::find_if_not(rest.begin(), rest.end(), is_word_character)
         - rest.begin()));
  auto size = lead + word.size();
  size += size < text.size() && text[size] == ';' ? 1 : 0;
  if (is_number) {
    auto value = number_in(word, is_hex ? 16 : 10);
    return value ? escape{size, *value} : none;
  }
  std::string name{word};
  for (auto& c : name)
    c = static_cast<char>(c | 0x20);
  auto found = std::find_if(entities.begin(), entities.end(),
                            [&](auto& one) { return one.first == name; });
  if (found == entities.end())
    return none;
  return {size, static_cast<unsigned char>(found->second), true};
}

escape escape_in_front_of(std::string_view text) {
  switch (text[0]) {
    case '\\':
      return behind_backslash(text);
    case '%':
      return behind_percent(text);
    default:
      return behind_ampersand(text);
  }
}

} // namespace

bool may_hold_escapes(std::string_view text) noexcept {
  return text.find_first_of(first_characters) != std::string_view::npos;
}

unescaped_text
undo_escapes(std::string_view text, const std::vector<byte_origin>& origins) {
  auto origin_of = [&](size_t begin, size_t end) -> byte_origin {
    if (origins.empty())
      return {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    return {origins[begin].begin, origins[end - 1].end};
  };
  unescaped_text result;
  result.bytes.reserve(text.size());
  result.origins.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    auto is_plain = first_characters.find(text[at]) == std::string_view::npos;
    auto found = is_plain ? none : escape_in_front_of(text.substr(at));
    auto size = std::max<size_t>(found.size, 1);
    if (found.size == 0)
      result.bytes += text[at];
    else if (found.is_byte)
      result.bytes += static_cast<char>(found.value);
    else
      append_utf8(result.bytes, found.value);
    result.origins.resize(result.bytes.size(), origin_of(at, at + size));
    at += size;
  }
  return result;
}

} // namespace sluice
