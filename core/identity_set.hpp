// The captures of a run that were seen already, in flat memory: a run may have
// millions, and a job reads dozens of runs at a time.

#pragma once

#include "core/capture_page.hpp"

#include <cstddef>
#include <vector>

namespace sluice {

/// A set of identities that only grows: open addressing with linear probing
/// in a power of two of slots, at most two thirds of them taken. An identity
/// is a cryptographic hash already, its first bytes choose the slot.
class identity_set {
public:
  /// Makes room for `count` identities in all.
  void reserve(size_t count);

  /// False when it was there before.
  bool insert(const capture_identity& identity);

  [[nodiscard]] size_t size() const noexcept { return size_; }

private:
  void rehash(size_t slots);
  [[nodiscard]] capture_identity& slot_for(const capture_identity& identity);

  /// All zero: free. That identity itself is noted aside.
  std::vector<capture_identity> slots_;
  size_t size_ = 0;
  bool has_zero_ = false;
};

} // namespace sluice
