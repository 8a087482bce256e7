// Which URLs of a long sequence were there before, in memory that does not
// grow with it but for one bit a URL: their hashes go to 128 partitions in a
// temporary file, and each partition is looked through on its own.

#pragma once

#include "core/base/temp_file.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace sluice {

/// One bit per URL, by its place in the sequence.
class duplicate_set {
public:
  explicit duplicate_set(uint64_t size) : bits_((size + 63) / 64) {}

  /// Adding a place again changes nothing.
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
  /// A partition of more than `hashes_at_once` different hashes is looked
  /// through in several passes. Memory is at most 48 bytes for each of them,
  /// and 2 MiB. Errors: ec::disk.
  [[nodiscard]] static caf::expected<std::unique_ptr<deduplicator>>
  create(const std::filesystem::path& directory,
         size_t hashes_at_once = 512 * 1024);

  ~deduplicator();

  /// Appends `url` to the sequence. Errors: ec::disk.
  [[nodiscard]] caf::error add(std::string_view url);

  /// Finds all but the first of equal URLs: those with the same 128-bit hash,
  /// seeded at random. `keep_going` is asked now and then; false ends with
  /// ec::interrupted. REQUIRES: called once, after the last `add`.
  [[nodiscard]] caf::expected<duplicate_set>
  finish(const std::function<bool()>& keep_going);

private:
  struct state;
  explicit deduplicator(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace sluice
