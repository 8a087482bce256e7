// A set of 64-bit hashes in one flat table. Each takes 16 to 32 bytes, so the
// simulator can remember every URL of a large job.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::sim {

class u64_set {
public:
  /// Adds `hash`. False if it was already present. 0 and 1 count as the same.
  bool insert(uint64_t hash);

  [[nodiscard]] size_t size() const noexcept { return size_; }

private:
  void grow();
  /// The slot of `hash`, or the empty one where it belongs.
  [[nodiscard]] size_t slot_of(uint64_t hash) const noexcept;

  std::vector<uint64_t> slots_; ///< their number is a power of two, or 0 if
                                ///< empty
  size_t size_ = 0;
};

} // namespace sluice::sim
