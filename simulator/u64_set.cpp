#include "simulator/u64_set.hpp"

#include "simulator/chance.hpp"

#include <algorithm>
#include <cstring>

namespace sluice::sim {

bool u64_set::insert(uint64_t hash) {
  newest_.resize(size_t{1} << bucket_bits);
  auto mixed = mix(hash, 0);
  constexpr auto stored_bits = (uint64_t{1} << 8 * hash_bytes) - 1;
  auto stored = std::max<uint64_t>(1, mixed & stored_bits);
  auto& newest = newest_[mixed >> (64 - bucket_bits)];
  if (has(newest, stored))
    return false;
  add(newest, stored);
  ++size_;
  return true;
}

bool u64_set::has(uint32_t newest, uint64_t hash) const noexcept {
  for (auto number = newest; number != 0; number = blocks_[number - 1].next)
    for (size_t i = 0; i < hashes_per_block; ++i)
      if (blocks_[number - 1].at(i) == hash)
        return true;
  return false;
}

void u64_set::add(uint32_t& newest, uint64_t hash) {
  if (newest == 0 || blocks_[newest - 1].is_full()) {
    blocks_.emplace_back();
    blocks_.back().next = newest;
    newest = static_cast<uint32_t>(blocks_.size());
  }
  auto& into = blocks_[newest - 1];
  size_t index = 0;
  while (into.at(index) != 0)
    ++index;
  into.set(index, hash);
}

uint64_t u64_set::block::at(size_t index) const noexcept {
  uint64_t hash = 0;
  std::memcpy(&hash, hashes.data() + index * hash_bytes, hash_bytes);
  return hash;
}

void u64_set::block::set(size_t index, uint64_t hash) noexcept {
  std::memcpy(hashes.data() + index * hash_bytes, &hash, hash_bytes);
}

bool u64_set::block::is_full() const noexcept {
  return at(hashes_per_block - 1) != 0;
}

} // namespace sluice::sim
