// Text that would take too much memory, in an unnamed temporary file, which
// is removed when the process ends.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim {

/// Not thread-safe.
class spill_file {
public:
  spill_file() = default;
  ~spill_file();
  spill_file(const spill_file&) = delete;
  spill_file& operator=(const spill_file&) = delete;

  /// Appends `text` and returns its offset. The first call creates the file in
  /// $TMPDIR, /var/tmp or /tmp. nullopt if that fails or the disk is full.
  [[nodiscard]] std::optional<uint64_t> append(std::string_view text);

  /// Throws std::system_error if the disk fails. REQUIRES: appended before.
  [[nodiscard]] std::string read(uint64_t offset, size_t size) const;

private:
  int fd_ = -1;
  uint64_t size_ = 0;
};

} // namespace sluice::sim
