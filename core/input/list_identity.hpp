// What a URL list was when it was read. The job's next start compares it with
// the list as it is then (core/input/list_changes.hpp): a list that was edited or
// replaced must not be passed over in silence.

#pragma once

#include "core/base/byte_source.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

/// The hash of bytes that come in pieces.
class list_digest {
public:
  list_digest();
  ~list_digest();
  list_digest(const list_digest&) = delete;
  list_digest& operator=(const list_digest&) = delete;

  void add(std::string_view bytes);
  /// 16 bytes.
  [[nodiscard]] std::string finish() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The stamp of a file as it is now; nullopt for "-", for what is no regular
/// file, and for what cannot be looked at.
[[nodiscard]] std::optional<file_stamp> stamp_of(const std::string& name);

/// Reads a whole list for its hash. Errors: as of `open_list`.
[[nodiscard]] caf::expected<std::string>
hash_of_list(const std::string& name, read_monitor& monitor);

} // namespace sluice
