// The identity of a URL list at the time it was read. The next start of the job
// compares it with the current list (core/input/list_changes.hpp), so that an
// edited or replaced list is noticed.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// Size and modification time of a file. While both are known and unchanged,
/// the content counts as unchanged.
struct file_stamp {
  uint64_t size = 0;
  /// Wall clock. Unknown for a file that changed only moments ago: a later
  /// change might get the same time.
  std::optional<int64_t> modified_ns;

  bool operator==(const file_stamp&) const = default;
};

struct list_identity {
  std::string name; ///< its absolute path; "-" is standard input
  /// nullopt for standard input and pipes, which can be read only once.
  std::optional<file_stamp> stamp;
  std::string hash; ///< of its bytes as stored on disk: 16 bytes
  /// How its records are read, e.g. "csv, column 'url'".
  std::string reading;

  bool operator==(const list_identity&) const = default;
};

} // namespace sluice
