#include "core/base/json_reader.hpp"
#include "core/base/utf8.hpp"
#include "core/select/row_selector.hpp"

#include <algorithm>

namespace sluice {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd"; // U+FFFD

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) > 0; });
}

/// The size of the invalid sequence at the front of `text`: a byte that begins
/// no valid one, and the continuation bytes after it. A surrogate in WTF-8 is
/// one such sequence.
size_t size_of_defect(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (text[size] & '\xc0') == '\x80')
    ++size;
  return size;
}

std::string repaired(std::string_view text, text_losses& losses) {
  std::string result;
  result.reserve(text.size() + 16);
  for (;;) {
    auto valid = utf8_prefix(text);
    result += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty())
      return result;
    result += replacement;
    ++losses.replaced;
    text.remove_prefix(size_of_defect(text));
  }
}

} // namespace

std::string_view
cell_text(const cell& of, std::string& scratch, text_losses& losses) {
  auto text = json_text(
    {.kind = json_kind::string, .text = of.text, .escaped = of.escaped},
    scratch);
  if (is_plain(text))
    return text;
  losses.has_nul = losses.has_nul || text.find('\0') != text.npos;
  if (utf8_prefix(text) == text.size())
    return text;
  return scratch = repaired(text, losses);
}

} // namespace sluice
