// Memory for a body of unknown length.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// Appends to a body that will have at most `most` bytes. Its capacity grows
/// sixteenfold, up to exactly `most`, so the blocks it outgrows add up to no
/// more than a fifteenth of that.
inline void
append_to_body(std::string& body, std::string_view piece, size_t most) {
  constexpr size_t growth = 16;
  auto needed = body.size() + piece.size();
  if (needed > body.capacity()) {
    auto room = most;
    while (room / growth >= needed)
      room /= growth;
    body.reserve(std::max(room, needed));
  }
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
