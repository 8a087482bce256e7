// Finds and checks the escapes in the strings of a JSON text, 64 bytes at a
// time. Used by indexed_json_reader.hpp.

#pragma once

#include "core/base/json_scan.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sluice {

class escape_finder {
public:
  void start(const char* at, const char* end) {
    block_ = at;
    end_ = end;
    load();
    settle();
  }

  /// The first backslash that is not part of an escape already checked; the end
  /// of the text if no escape is left.
  [[nodiscard]] const char* next() const { return next_; }

  /// Checks all escapes before `end`, the closing quote of a string. False if
  /// one is invalid. REQUIRES: next() is in that string.
  [[nodiscard]] bool check(const char* end) {
    auto self = *this; // stays in registers
    do {
      auto after = json_scan::escape(self.next_, end);
      if (after == nullptr)
        return false;
      self.skip_to(after);
    } while (self.next_ < end);
    *this = self;
    return true;
  }

private:
  static constexpr ptrdiff_t block_bytes = 64;

  void skip_to(const char* at) {
    do {
      found_ &= found_ - 1;
      settle();
    } while (next_ < at);
  }

  /// Moves on to the next block with a backslash.
  void settle() {
    while (found_ == 0) {
      if (end_ - block_ <= block_bytes) {
        next_ = end_;
        return;
      }
      block_ += block_bytes;
      load();
    }
    next_ = block_ + std::countr_zero(found_);
  }

  void load() {
    if (end_ - block_ >= block_bytes) {
      found_ = backslashes(block_);
      return;
    }
    char last[block_bytes] = {};
    std::copy(block_, end_, last);
    found_ = backslashes(last);
  }

  /// One bit for each of 64 bytes, the lowest for the first.
  static uint64_t backslashes(const char* at) {
    uint64_t result = 0;
#ifdef __SSE2__
    const auto backslash = _mm_set1_epi8('\\');
    for (int i = 0; i < block_bytes; i += 16) {
      auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
      auto found = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, backslash));
      result |= static_cast<uint64_t>(static_cast<uint32_t>(found)) << i;
    }
#else
    for (int i = 0; i < block_bytes; ++i)
      result |= static_cast<uint64_t>(at[i] == '\\') << i;
#endif
    return result;
  }

  const char* block_ = nullptr;
  const char* end_ = nullptr;
  const char* next_ = nullptr;
  uint64_t found_ = 0; ///< the backslashes of the block from `next_` on
};

} // namespace sluice
