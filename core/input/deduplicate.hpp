// Finds the duplicates in a long sequence of URLs. Memory does not grow with
// it, except for one bit per URL: the hashes go to 128 partitions in a
// temporary file, and each partition is searched separately.

#pragma once

#include "core/base/temp_file.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace sluice {

/// One bit per URL, by its position in the sequence.
class duplicate_set {
public:
  explicit duplicate_set(uint64_t size) : bits_((size + 63) / 64) {}

  /// Adds a position; adding it again has no effect.
  void add(uint64_t place) {
    count_ += holds(place) ? 0 : 1;
    bits_[place / 64] |= uint64_t{1} << place % 64;
  }

  [[nodiscard]] bool holds(uint64_t place) const noexcept {
    return (bits_[place / 64] >> place % 64 & 1) != 0;
  }

  [[nodiscard]] uint64_t count() const noexcept { return count_; }

private:
  std::vector<uint64_t> bits_;
  uint64_t count_ = 0;
};

class deduplicator {
public:
  /// A partition with more than `hashes_at_once` different hashes is searched
  /// in several passes. Uses at most 48 bytes per such hash plus 2 MiB. Errors:
  /// ec::disk.
  [[nodiscard]] static caf::expected<std::unique_ptr<deduplicator>>
  create(const std::filesystem::path& directory,
         size_t hashes_at_once = 512 * 1024);

  ~deduplicator();

  /// Appends `url` to the sequence. Errors: ec::disk.
  [[nodiscard]] caf::error add(std::string_view url);

  /// Finds all URLs that have the same 128-bit, randomly seeded hash as an
  /// earlier one. Calls `keep_going` from time to time; if it returns false,
  /// ends with ec::interrupted. REQUIRES: called once, after the last `add`.
  [[nodiscard]] caf::expected<duplicate_set>
  finish(const std::function<bool()>& keep_going);

private:
  struct state;
  explicit deduplicator(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace sluice
