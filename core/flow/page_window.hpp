// Backpressure in bytes: how much lies between the API and the sinks, and
// whether one more page may be fetched.

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

  /// True when a page of the largest size seen has room. Before the first
  /// page nothing is known, so it is fetched alone; and a page larger than
  /// the window passes alone.
  [[nodiscard]] bool has_room() const noexcept {
    return used_ == 0 || used_ + largest_ <= capacity_;
  }

  /// Reserves room for a page about to be fetched; returns how much.
  [[nodiscard]] size_t reserve() noexcept {
    used_ += largest_;
    reserved_ += largest_;
    return largest_;
  }

  /// The page reserved for did not come.
  void cancel(size_t reserved) noexcept {
    used_ -= reserved;
    reserved_ -= reserved;
  }

  /// It came and holds `bytes` until `release`.
  void arrived(size_t reserved, size_t bytes) noexcept {
    used_ = used_ - reserved + bytes;
    reserved_ -= reserved;
    largest_ = seen_ ? std::max(largest_, bytes) : bytes;
    seen_ = true;
  }

  void release(size_t bytes) noexcept { used_ -= bytes; }

  [[nodiscard]] size_t used() const noexcept { return used_; }

  /// Of that, by pages that have come.
  [[nodiscard]] size_t held() const noexcept { return used_ - reserved_; }

private:
  size_t capacity_;
  size_t largest_;
  size_t used_ = 0;
  size_t reserved_ = 0; ///< of that, for pages to come
  bool seen_ = false;
};

} // namespace sluice
