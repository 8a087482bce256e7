// Text within Markdown, for the pages of the manual that are generated.

#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// What surrounds `text`, or is in it, must not be taken for Markdown. A line
/// break becomes a space.
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
