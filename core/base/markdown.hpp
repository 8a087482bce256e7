// Escapes text for the generated Markdown pages of the manual.

#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Escapes characters that Markdown would interpret. A line break becomes a
/// space.
[[nodiscard]] inline std::string markdown_text(std::string_view text) {
  std::string out;
  for (auto c : text) {
    if (c == '*' || c == '<' || c == '_')
      out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

} // namespace sluice
