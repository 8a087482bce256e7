// The contents of all runs. Their URLs are most of what a simulator must keep,
// so only those of the runs used last are in memory; the others are in a
// temporary file.

#pragma once

#include "simulator/run_content.hpp"
#include "simulator/spill_file.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>

namespace sluice::sim {

/// Numbers runs in order from 0. Not thread-safe.
class content_store {
public:
  /// Keeps about `most_bytes` in memory as long as the file can be written.
  explicit content_store(size_t most_bytes = size_t{4} << 20)
      : most_bytes_{most_bytes} {}

  void add(run_content content);
  [[nodiscard]] size_t size() const noexcept { return entries_.size(); }

  /// The content of run `number`, whose id is `id`. `urls` is empty if they are
  /// not in memory. REQUIRES: number < size().
  [[nodiscard]] std::shared_ptr<const run_content>
  brief(uint64_t number, std::string id) const;

  /// The same, but always with its URLs. Throws std::system_error if the disk
  /// fails.
  [[nodiscard]] std::shared_ptr<const run_content>
  whole(uint64_t number, std::string id);

private:
  static constexpr uint64_t unwritten = ~uint64_t{0};
  /// About how many bytes a run's content takes besides its URLs.
  static constexpr size_t other_bytes = 256;

  struct entry {
    std::shared_ptr<const run_content> resident;
    const std::string* robot = nullptr;
    uint64_t offset = unwritten; ///< of its URLs in the file
    uint64_t captures = 0;
    uint32_t bytes = 0; ///< of its URLs
    uint32_t url_count = 0;
    uint32_t url_limit = 0;
  };

  void keep(uint64_t number, std::shared_ptr<const run_content> content);
  /// Writes the oldest ones to the file and forgets them.
  void make_room();

  size_t most_bytes_;
  std::deque<entry> entries_;
  std::deque<uint64_t> resident_; ///< oldest first
  size_t resident_bytes_ = 0;
  std::set<std::string> robots_;
  spill_file file_;
};

} // namespace sluice::sim
