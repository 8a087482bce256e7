#include "core/coverage.hpp"

#include "core/url.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace sluice {

coverage::coverage(const std::vector<std::string>& urls, coverage_bits bits)
    : bits_{std::move(bits)} {
  bits_.resize((urls.size() + 7) / 8);
  if (urls.size() % 8 != 0) // bits beyond the last URL count for nothing
    bits_.back() &= static_cast<uint8_t>((1U << urls.size() % 8) - 1);
  for (auto byte : bits_)
    covered_ += static_cast<uint64_t>(std::popcount(byte));
  size_t bytes = 0;
  for (auto& one : urls)
    bytes += one.size();
  text_.reserve(bytes);
  ends_.reserve(urls.size());
  for (auto& one : urls) {
    text_ += one;
    ends_.push_back(text_.size());
  }
  sorted_.resize(urls.size());
  std::iota(sorted_.begin(), sorted_.end(), 0U);
  std::sort(sorted_.begin(), sorted_.end(),
            [this](auto a, auto b) { return url(a) < url(b); });
  auto same = [this](auto a, auto b) { return url(a) == url(b); };
  repeats_ =
    std::adjacent_find(sorted_.begin(), sorted_.end(), same) != sorted_.end();
}

std::string_view coverage::url(uint32_t place) const {
  auto begin = place == 0 ? 0 : ends_[place - 1];
  return std::string_view{text_}.substr(begin, ends_[place] - begin);
}

bool coverage::mark(std::string_view capture_url) {
  if (capture_url.size() > max_url_bytes)
    return false; // longer than any URL of a batch
  if (mark_exact(capture_url))
    return true;
  if (normal_.empty())
    index_normal_forms();
  auto found = normal_.find(normal_form(capture_url));
  return found != normal_.end() && found->second
         && mark_exact(url(*found->second));
}

void coverage::mark_place(uint32_t place) {
  auto& byte = bits_[place / 8];
  auto bit = static_cast<uint8_t>(1U << place % 8);
  covered_ += (byte & bit) == 0 ? 1 : 0;
  byte |= bit;
  next_ = place + 1;
}

bool coverage::mark_exact(std::string_view wanted) {
  if (!repeats_ && next_ < ends_.size() && url(next_) == wanted) {
    mark_place(next_);
    return true;
  }
  auto place = std::lower_bound(
    sorted_.begin(), sorted_.end(), wanted,
    [this](auto one, std::string_view text) { return url(one) < text; });
  auto found = false;
  for (; place != sorted_.end() && url(*place) == wanted; ++place) {
    found = true;
    mark_place(*place);
  }
  return found;
}

void coverage::index_normal_forms() {
  for (auto place : sorted_) {
    auto [entry, is_new] = normal_.emplace(normal_form(url(place)), place);
    auto& known = entry->second;
    if (!is_new && known && url(*known) != url(place))
      known.reset();
  }
}

} // namespace sluice
