// Memory for a reply's body of unknown length, while it is received or
// decompressed.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// Makes room for `needed` bytes in a body that will have at most `most`. Its
/// capacity grows sixteenfold, up to exactly `most`, so the blocks it outgrows
/// add up to no more than a fifteenth of that.
inline void reserve_body(std::string& body, size_t needed, size_t most) {
  constexpr size_t growth = 16;
  if (needed <= body.capacity())
    return;
  auto room = most;
  while (room / growth >= needed)
    room /= growth;
  body.reserve(std::max(room, needed));
}

/// Appends to a body that will have at most `most` bytes.
inline void
append_to_body(std::string& body, std::string_view piece, size_t most) {
  reserve_body(body, body.size() + piece.size(), most);
  body += piece;
}

/// Call when the body is complete: if less than half of its capacity is used,
/// releases the rest. That is mostly untouched address space, but may be reused
/// memory.
inline void end_body(std::string& body) {
  if (body.capacity() / 2 > body.size())
    body.shrink_to_fit();
}

} // namespace sluice
