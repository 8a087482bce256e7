// Backpressure in bytes: how much data is between the API and the sinks, and
// whether another page may be fetched. `capture_pager` has one, and shares it
// with its `download_fetcher`.

#pragma once

#include <algorithm>
#include <cstddef>

namespace sluice {

/// Bytes of pages between the API and the sinks, unless the job says otherwise.
inline constexpr size_t default_page_window = 24 << 20;

class page_window {
public:
  explicit page_window(size_t capacity) noexcept
      : capacity_{capacity}, largest_{capacity} {}

  /// True if there is room for a page of the largest size seen. The first page
  /// is fetched alone, since no size is known yet; a page larger than the
  /// window is also fetched alone.
  [[nodiscard]] bool has_room() const noexcept {
    return used_ == 0 || used_ + largest_ <= capacity_;
  }

  /// Reserves room for the next page to fetch; returns its size.
  [[nodiscard]] size_t reserve() noexcept {
    used_ += largest_;
    reserved_ += largest_;
    return largest_;
  }

  /// The page of a reservation did not arrive.
  void cancel(size_t reserved) noexcept {
    used_ -= reserved;
    reserved_ -= reserved;
  }

  /// The page arrived; it occupies `bytes` until `release`.
  void arrived(size_t reserved, size_t bytes) noexcept {
    used_ = used_ - reserved + bytes;
    reserved_ -= reserved;
    largest_ = seen_ ? std::max(largest_, bytes) : bytes;
    seen_ = true;
  }

  void release(size_t bytes) noexcept { used_ -= bytes; }

  [[nodiscard]] size_t used() const noexcept { return used_; }

  /// The part of `used` that pages already received occupy.
  [[nodiscard]] size_t held() const noexcept { return used_ - reserved_; }

private:
  size_t capacity_;
  size_t largest_;
  size_t used_ = 0;
  size_t reserved_ = 0; ///< the part reserved for coming pages
  bool seen_ = false;
};

} // namespace sluice
