#include "core/coverage.hpp"

#include "core/url.hpp"

#include <bit>
#include <functional>

namespace sluice {

coverage::coverage(url_table urls, coverage_bits bits)
    : urls_{std::move(urls)}, bits_{std::move(bits)} {
  auto count = urls_.size();
  bits_.resize((count + 7) / 8);
  if (count % 8 != 0) // bits beyond the last URL count for nothing
    bits_.back() &= static_cast<uint8_t>((1U << count % 8) - 1);
  for (auto byte : bits_)
    covered_ += static_cast<uint64_t>(std::popcount(byte));
  index();
}

/// At most two thirds of the slots are taken. A URL that is there n times
/// takes n²/2 steps; the importer drops such, unless told not to.
void coverage::index() {
  auto count = urls_.size();
  slots_.assign(std::bit_ceil(count + count / 2 + 1), free_slot);
  for (size_t place = 0; place < count; ++place) {
    auto slot = slot_of(urls_[place]);
    while (slots_[slot] != free_slot)
      slot = next(slot);
    slots_[slot] = static_cast<uint32_t>(place);
  }
}

size_t coverage::slot_of(std::string_view url) const {
  return std::hash<std::string_view>{}(url) & (slots_.size() - 1);
}

size_t coverage::next(size_t slot) const {
  return (slot + 1) & (slots_.size() - 1);
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
}

bool coverage::mark_exact(std::string_view wanted) {
  auto found = false;
  for (auto slot = slot_of(wanted); slots_[slot] != free_slot;
       slot = next(slot))
    if (urls_[slots_[slot]] == wanted) {
      found = true;
      mark_place(slots_[slot]);
    }
  return found;
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
