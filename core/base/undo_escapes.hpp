// Undoes common escapes: of JSON and programming languages (`\/`, `\n`,
// `\u002b`, `\x2b`, `\053`, `\u{2b}`), of URLs (`%2B`, `%u002B`) and of XML and
// HTML (`&amp;`, `&#43;`, `&#x2b;`).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Where a byte came from: offsets in the original source.
struct byte_origin {
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct unescaped_text {
  std::string bytes;
  std::vector<byte_origin> origins; ///< one for each byte
};

/// Undoes one level of escapes in `text`; all other bytes stay as they are.
/// `origins` maps `text` to an earlier source; empty if `text` is the source.
/// REQUIRES: the source is smaller than 4 GiB.
[[nodiscard]] unescaped_text
undo_escapes(std::string_view text, const std::vector<byte_origin>& origins);

/// True if `text` may contain an escape.
[[nodiscard]] bool may_hold_escapes(std::string_view text) noexcept;

} // namespace sluice
