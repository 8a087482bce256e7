// A byte source that yields a text in pieces of given or drawn sizes.

#pragma once

#include "core/base/byte_source.hpp"

#include <algorithm>
#include <random>
#include <string>

namespace sluice::test {

/// Whether reading may go on.
inline constexpr auto always = [] { return true; };

class pieces final : public byte_source {
public:
  /// Pieces of 1 to `most` bytes, drawn with `seed`. After the text comes
  /// `end`, which may be an error.
  pieces(std::string text, size_t most, unsigned seed = 1, caf::error end = {})
      : text_{std::move(text)},
        most_{most},
        draw_{seed},
        end_{std::move(end)} {}

  caf::expected<size_t> read(std::span<char> into) override {
    auto left = text_.size() - at_;
    if (left == 0 && end_)
      return end_;
    auto size = std::min({left, into.size(), size_t{draw_() % most_ + 1}});
    std::copy_n(text_.begin() + static_cast<ptrdiff_t>(at_), size,
                into.begin());
    at_ += size;
    return size;
  }

private:
  std::string text_;
  size_t most_;
  std::minstd_rand draw_;
  caf::error end_;
  size_t at_ = 0;
};

} // namespace sluice::test
