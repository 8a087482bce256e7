#include "core/coverage.hpp"

#include "core/url.hpp"

#include <bit>

namespace sluice {

coverage::coverage(const std::vector<std::string>& urls, coverage_bits bits)
    : bits_{std::move(bits)} {
  bits_.resize((urls.size() + 7) / 8);
  if (urls.size() % 8 != 0) // bits beyond the last URL count for nothing
    bits_.back() &= static_cast<uint8_t>((1U << urls.size() % 8) - 1);
  for (auto byte : bits_)
    covered_ += static_cast<uint64_t>(std::popcount(byte));
  exact_.reserve(urls.size());
  uint32_t place = 0;
  for (auto& url : urls)
    exact_.emplace(url, place++);
}

bool coverage::mark(std::string_view capture_url) {
  if (capture_url.size() > max_url_bytes)
    return false; // longer than any URL of a batch
  if (mark_exact(std::string{capture_url}))
    return true;
  if (normal_.empty())
    index_normal_forms();
  auto found = normal_.find(normal_form(capture_url));
  return found != normal_.end() && found->second != nullptr
         && mark_exact(*found->second);
}

bool coverage::mark_exact(const std::string& url) {
  auto [first, last] = exact_.equal_range(url);
  for (auto i = first; i != last; ++i) {
    auto& byte = bits_[i->second / 8];
    auto bit = static_cast<uint8_t>(1U << i->second % 8);
    covered_ += (byte & bit) == 0 ? 1 : 0;
    byte |= bit;
  }
  return first != last;
}

void coverage::index_normal_forms() {
  for (auto& [url, place] : exact_) {
    auto [entry, is_new] = normal_.emplace(normal_form(url), &url);
    if (!is_new && entry->second != nullptr && *entry->second != url)
      entry->second = nullptr;
  }
}

} // namespace sluice
