// What a URL list was when it was read. The job's next start compares it with
// the list as it is then (core/input/list_changes.hpp): a list that was edited
// or replaced must not be passed over in silence.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// Size and time of a file: as long as both are known and the same, so is its
/// content.
struct file_stamp {
  uint64_t size = 0;
  /// Wall clock. Not known of a file that was changed just before: a later
  /// change may have the same time.
  std::optional<int64_t> modified_ns;

  bool operator==(const file_stamp&) const = default;
};

struct list_identity {
  std::string name; ///< its absolute path; "-" is standard input
  /// nullopt: standard input or a pipe, which can be read only once.
  std::optional<file_stamp> stamp;
  std::string hash; ///< of its bytes as they lie on the disk: 16 bytes
  /// How its records are understood, e.g. "csv, column 'url'".
  std::string reading;

  bool operator==(const list_identity&) const = default;
};

} // namespace sluice
