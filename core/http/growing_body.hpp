// Room for a body whose length is not known in advance.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// Appends to a body that will have at most `most` bytes. Its room grows
/// sixteenfold, up to just `most`: what it leaves behind when it moves is no
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

/// The body is whole: gives back room that is more than its size, which is
/// address space at most, but may be reused memory.
inline void end_body(std::string& body) {
  if (body.capacity() / 2 > body.size())
    body.shrink_to_fit();
}

} // namespace sluice
