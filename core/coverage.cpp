#include "core/coverage.hpp"

#include "core/url.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace sluice {

coverage::coverage(url_table urls, coverage_bits bits)
    : urls_{std::move(urls)}, bits_{std::move(bits)} {
  auto count = urls_.size();
  bits_.resize((count + 7) / 8);
  if (count % 8 != 0) // bits beyond the last URL count for nothing
    bits_.back() &= static_cast<uint8_t>((1U << count % 8) - 1);
  for (auto byte : bits_)
    covered_ += static_cast<uint64_t>(std::popcount(byte));
  sorted_.resize(count);
  std::iota(sorted_.begin(), sorted_.end(), 0U);
  std::sort(sorted_.begin(), sorted_.end(),
            [this](auto a, auto b) { return urls_[a] < urls_[b]; });
  auto same = [this](auto a, auto b) { return urls_[a] == urls_[b]; };
  repeats_ =
    std::adjacent_find(sorted_.begin(), sorted_.end(), same) != sorted_.end();
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
         && mark_exact(urls_[*found->second]);
}

void coverage::mark_place(uint32_t place) {
  auto& byte = bits_[place / 8];
  auto bit = static_cast<uint8_t>(1U << place % 8);
  covered_ += (byte & bit) == 0 ? 1 : 0;
  byte |= bit;
  next_ = place + 1;
}

bool coverage::mark_exact(std::string_view wanted) {
  if (!repeats_ && next_ < urls_.size() && urls_[next_] == wanted) {
    mark_place(next_);
    return true;
  }
  auto place = std::lower_bound(
    sorted_.begin(), sorted_.end(), wanted,
    [this](auto one, std::string_view text) { return urls_[one] < text; });
  auto found = false;
  for (; place != sorted_.end() && urls_[*place] == wanted; ++place) {
    found = true;
    mark_place(*place);
  }
  return found;
}

void coverage::index_normal_forms() {
  for (auto place : sorted_) {
    auto [entry, is_new] = normal_.emplace(normal_form(urls_[place]), place);
    auto& known = entry->second;
    if (!is_new && known && urls_[*known] != urls_[place])
      known.reset();
  }
}

} // namespace sluice
