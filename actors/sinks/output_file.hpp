// An append-only file of lines that can be cut back to its last checkpoint:
// what makes "each capture exactly once in the file" true after kill -9.
//
// The owner keeps the extent that `checkpoint` answers in the same
// transaction as whatever the lines depend on, and gives it back to `open`;
// everything behind it is then cut off. The extent answered right after the
// first `open` has to be kept before the first line is written: until then a
// restart would take the file for one that was there before.

#pragma once

#include "core/base/enum_words.hpp"
#include "core/base/error.hpp"
#include "core/base/file_descriptor.hpp"
#include "core/base/frame_encoder.hpp"
#include "core/model/checkpoint.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// What to do with a file that has content at the first start.
enum class found_rule { refuse, append, replace };

inline constexpr enum_words<found_rule, 3> found_rule_words{
  {{"refuse", found_rule::refuse},
   {"append", found_rule::append},
   {"replace", found_rule::replace}}};

/// How much of a file is somebody's, in bytes from its beginning.
struct file_extent {
  uint64_t base = 0;   ///< found at the first start, never cut off
  uint64_t length = 0; ///< durable, base included
  /// A hash of the last bytes before `length` that are not of the base; 0 when
  /// it is not known. Tells the file from another one that is as long.
  uint64_t tail = 0;
  bool operator==(const file_extent&) const = default;
};

/// Not thread-safe. After an error other than from `open` the file stays
/// failed: every later call returns the same error (a failed fsync cannot be
/// repeated, the kernel has forgotten what was lost), and the next `open`
/// cuts back what is half written.
class output_file {
public:
  struct options {
    std::filesystem::path path;
    compression as = compression::none;
    found_rule found = found_rule::refuse;
    std::string sink{}; ///< whose file it is, for messages
  };

  explicit output_file(options opts);

  /// Opens and locks the file, creating it when absent. `kept` is the extent
  /// to cut back to, nullopt at the first start. Called once.
  /// Errors: ec::usage (the file has content and `found` is refuse, or it is
  /// no regular file, or of another compression), ec::disk (locked by
  /// another process, no such folder, shorter than `kept` or with another
  /// content at its end).
  [[nodiscard]] caf::error open(const std::optional<file_extent>& kept);

  /// What `open` would refuse at the first start, as `open` says it; nothing
  /// is created or changed. Not after `open`.
  [[nodiscard]] caf::error check_first_start();

  /// What `open` would say with this extent; nothing is changed. Not after
  /// `open`.
  [[nodiscard]] caf::error check_kept(const file_extent& kept);

  /// Cuts a file that is longer back to `kept`; one that is gone, shorter or
  /// another one has nothing to be cut. Neither before nor after `open`.
  /// Errors: as of `open`.
  [[nodiscard]] caf::error cut_longer(const file_extent& kept);

  /// Appends one JSON value as a line of its own (see `append_capture`).
  /// Errors: ec::disk.
  [[nodiscard]] caf::error append_line(std::string_view json);

  /// Ends the compression frame, makes every line durable and answers where
  /// the file ends. Only looks when nothing was appended since the last.
  /// Errors: ec::disk, also when the file was moved, deleted or resized by
  /// somebody else.
  [[nodiscard]] caf::expected<file_extent> checkpoint();

  /// Drops what was appended since the last checkpoint and unlocks. Errors:
  /// ec::disk, as `checkpoint`; what somebody else changed stays as it is.
  [[nodiscard]] caf::error close();

private:
  [[nodiscard]] caf::error acquire(bool create);
  [[nodiscard]] caf::error refuse_found() const;
  [[nodiscard]] caf::error adopt();
  [[nodiscard]] caf::error check_found(const file_extent& kept) const;
  [[nodiscard]] caf::error check_end(const file_extent& kept) const;
  [[nodiscard]] caf::expected<uint64_t> tail_of(const file_extent& kept) const;
  [[nodiscard]] caf::error not_ours() const;
  [[nodiscard]] std::string ways_on() const;
  [[nodiscard]] caf::error cut_back(const file_extent& kept);
  [[nodiscard]] caf::error sync_folder() const;
  [[nodiscard]] caf::error check_undisturbed() const;
  [[nodiscard]] caf::error check_size() const;
  [[nodiscard]] caf::error end_frame();
  [[nodiscard]] caf::error flush();
  [[nodiscard]] caf::error encode(std::string_view bytes);
  [[nodiscard]] caf::error put(std::string_view bytes);
  caf::error fail(caf::error err);

  options options_;
  file_descriptor fd_;
  std::unique_ptr<frame_encoder> encoder_;
  std::string pending_; ///< lines not yet encoded
  uint64_t end_ = 0;    ///< where the next byte goes
  file_extent synced_;
  bool dirty_ = false; ///< lines were appended since the last checkpoint
  caf::error failed_;
};

} // namespace sluice
