#include "core/identity_set.hpp"

#include <bit>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

constexpr capture_identity free_slot{};

/// Slots of which `count` are two thirds at most.
size_t slots_for(size_t count) {
  return std::bit_ceil(count + count / 2 + 1);
}

} // namespace

void identity_set::reserve(size_t count) {
  if (slots_for(count) > slots_.size())
    rehash(slots_for(count));
}

/// The slot that has the identity, or the free one where it belongs.
capture_identity& identity_set::slot_for(const capture_identity& identity) {
  size_t head = 0;
  std::memcpy(&head, identity.data(), sizeof head);
  auto mask = slots_.size() - 1;
  auto slot = head & mask;
  while (slots_[slot] != free_slot && slots_[slot] != identity)
    slot = (slot + 1) & mask;
  return slots_[slot];
}

void identity_set::rehash(size_t slots) {
  auto old = std::exchange(slots_, std::vector(slots, free_slot));
  for (auto& identity : old)
    if (identity != free_slot)
      slot_for(identity) = identity;
}

bool identity_set::insert(const capture_identity& identity) {
  if (identity == free_slot) {
    size_ += has_zero_ ? 0 : 1;
    return !std::exchange(has_zero_, true);
  }
  reserve(size_ + 1);
  auto& slot = slot_for(identity);
  if (slot == identity)
    return false;
  slot = identity;
  ++size_;
  return true;
}

} // namespace sluice
