// What a webhook receives: slices of one page. They depend only on counts and
// bytes, so they are the same after a restart.

#pragma once

#include "core/model/capture_page.hpp"

#include <string>
#include <vector>

namespace sluice {

/// Captures of a page, by their index in its list.
struct page_slice {
  size_t begin = 0;
  size_t end = 0; ///< one past the last
  bool operator==(const page_slice&) const = default;
  [[nodiscard]] size_t size() const noexcept { return end - begin; }
};

/// The whole page in slices, in order. Each has at most `captures` captures
/// and, unless one capture alone is larger, a body of at most `bytes`.
/// REQUIRES: captures > 0.
[[nodiscard]] std::vector<page_slice>
cut_page(const capture_page& page, size_t captures, size_t bytes);

/// The slice as a JSON array of its captures, byte for byte.
[[nodiscard]] std::string
delivery_body(const capture_page& page, const page_slice& slice);

} // namespace sluice
