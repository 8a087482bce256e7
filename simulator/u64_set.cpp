#include "simulator/u64_set.hpp"

#include <algorithm>

namespace sluice::sim {

bool u64_set::insert(uint64_t hash) {
  hash = std::max<uint64_t>(hash, 1);
  if (2 * (size_ + 1) > slots_.size())
    grow();
  auto& slot = slots_[slot_of(hash)];
  if (slot == hash)
    return false;
  slot = hash;
  ++size_;
  return true;
}

void u64_set::grow() {
  std::vector<uint64_t> old(std::max<size_t>(64, 2 * slots_.size()));
  old.swap(slots_);
  for (auto hash : old)
    if (hash != 0)
      slots_[slot_of(hash)] = hash;
}

size_t u64_set::slot_of(uint64_t hash) const noexcept {
  auto mask = slots_.size() - 1;
  auto slot = hash & mask;
  while (slots_[slot] != 0 && slots_[slot] != hash)
    slot = (slot + 1) & mask;
  return slot;
}

} // namespace sluice::sim
