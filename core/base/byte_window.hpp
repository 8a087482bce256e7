// A window over a byte source, for the readers of URL lists: the unread bytes,
// contiguous, in one buffer that never grows.

#pragma once

#include "core/base/byte_source.hpp"

#include <memory>
#include <string_view>

namespace sluice {

class byte_window {
public:
  byte_window(std::unique_ptr<byte_source> source, size_t capacity);

  /// The unread bytes. Valid until `fill`.
  [[nodiscard]] std::string_view view() const noexcept {
    return {buffer_.get() + begin_, end_ - begin_};
  }

  /// True when the window holds everything that is left.
  [[nodiscard]] bool ended() const noexcept { return ended_; }

  /// Marks the first `count` bytes as read; they stay in place until `fill`.
  void consume(size_t count) noexcept { begin_ += count; }

  /// Appends more bytes to the unread ones, or detects the end. REQUIRES: the
  /// view is shorter than the capacity.
  [[nodiscard]] caf::error fill();

private:
  std::unique_ptr<byte_source> source_;
  size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool ended_ = false;
};

} // namespace sluice
