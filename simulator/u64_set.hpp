// A set of hashes. Each takes about 6 bytes, so the simulator can remember
// every URL of a large job and count those submitted again (counters.hpp).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace sluice::sim {

/// Compares 57 of the 64 bits. Among 10 million different hashes it takes one
/// for another with a chance of 1 in 3,000.
class u64_set {
public:
  /// Adds `hash`. False if it was already present.
  bool insert(uint64_t hash);

  [[nodiscard]] size_t size() const noexcept { return size_; }

private:
  /// 17 bits of a hash choose its bucket, and 40 are stored there.
  static constexpr unsigned bucket_bits = 17;
  static constexpr size_t hash_bytes = 5;
  static constexpr size_t hashes_per_block = 12;

  /// Fills one cache line. Blocks never move, so growth needs no second copy.
  struct block {
    std::array<unsigned char, hashes_per_block * hash_bytes> hashes{};
    uint32_t next = 0;

    /// 0 for an empty slot; empty slots are at the end.
    [[nodiscard]] uint64_t at(size_t index) const noexcept;
    void set(size_t index, uint64_t hash) noexcept;
    [[nodiscard]] bool is_full() const noexcept;
  };

  [[nodiscard]] bool has(uint32_t newest, uint64_t hash) const noexcept;
  /// Adds `hash` to the bucket whose newest block has this number.
  void add(uint32_t& newest, uint64_t hash);

  std::vector<uint32_t> newest_; ///< per bucket a block's number from 1, or 0
  std::deque<block> blocks_;
  size_t size_ = 0;
};

} // namespace sluice::sim
