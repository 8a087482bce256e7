#include "core/flow/coverage.hpp"

#include "core/base/url.hpp"
#include "core/model/listing.hpp"

#include <bit>
#include <functional>
#include <numeric>
#include <utility>

namespace sluice {

coverage::coverage(url_table urls, coverage_bits bits)
    : urls_{std::move(urls)}, bits_{std::move(bits)} {
  auto count = urls_.size();
  bits_.resize((count + 7) / 8);
  if (count % 8 != 0) // bits beyond the last URL do not count
    bits_.back() &= static_cast<uint8_t>((1U << count % 8) - 1);
  for (auto byte : bits_)
    covered_ += static_cast<uint64_t>(std::popcount(byte));
  index();
}

/// Fills at most two thirds of the slots.
void coverage::index() {
  auto count = urls_.size();
  slots_.assign(std::bit_ceil(count + count / 2 + 1), free_slot);
  for (uint32_t place = 0; place < count; ++place) {
    auto& known = slots_[slot_for(urls_[place])];
    if (known == free_slot)
      known = place;
    else
      join(place, known);
  }
}

/// The slot of the URL, or the free one where it belongs.
size_t coverage::slot_for(std::string_view url) const {
  auto mask = slots_.size() - 1;
  auto hash = std::hash<std::string_view>{}(url);
  auto slot = hash & mask;
  while (slots_[slot] != free_slot && urls_[slots_[slot]] != url)
    slot = (slot + 1) & mask;
  return slot;
}

void coverage::join(uint32_t place, uint32_t other) {
  if (same_.empty()) {
    same_.resize(urls_.size());
    std::iota(same_.begin(), same_.end(), 0);
  }
  std::swap(same_[place], same_[other]);
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

bool coverage::mark_exact(std::string_view wanted) {
  // Captures mostly arrive in the order of the URLs. With many runs, the slots
  // of this one are no longer in the cache, but its next URL is.
  auto place = next_place_;
  if (place >= urls_.size() || urls_[place] != wanted)
    place = slots_[slot_for(wanted)];
  if (place == free_slot)
    return false;
  mark_all_as(place);
  next_place_ = place + 1;
  return true;
}

/// Marks all places with the same URL; either all or none are marked.
void coverage::mark_all_as(uint32_t place) {
  if (mark_place(place) && !same_.empty())
    for (auto other = same_[place]; other != place; other = same_[other])
      mark_place(other);
}

/// False if it was marked before.
bool coverage::mark_place(uint32_t place) {
  auto& byte = bits_[place / 8];
  auto bit = static_cast<uint8_t>(1U << place % 8);
  if ((byte & bit) != 0)
    return false;
  byte |= bit;
  ++covered_;
  return true;
}

void coverage::index_normal_forms() {
  for (uint32_t place = 0; place < urls_.size(); ++place) {
    auto [entry, is_new] = normal_.emplace(normal_form(urls_[place]), place);
    auto& known = entry->second;
    if (!is_new && known && urls_[*known] != urls_[place])
      known.reset();
  }
}

} // namespace sluice
