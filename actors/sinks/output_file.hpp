// An append-only file of lines that can be cut back to its last checkpoint:
// this makes "each capture exactly once in the file" true even after kill -9.
//
// The owner stores the extent that `checkpoint` returns in the same transaction
// as the data that the lines depend on, and passes it to the next `open`, which
// cuts off everything after it. The extent returned right after the first
// `open` must be stored before the first line is written: until then, a restart
// would treat it as a file that was there before the job.

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

/// What to do with a file that already has content at the first start.
enum class found_rule { refuse, append, replace };

inline constexpr enum_words<found_rule, 3> found_rule_words{
  {{"refuse", found_rule::refuse},
   {"append", found_rule::append},
   {"replace", found_rule::replace}}};

/// Which part of a file was found and which part is the sink's, in bytes from
/// its beginning.
struct file_extent {
  uint64_t base = 0;   ///< found at the first start, never cut off
  uint64_t length = 0; ///< durable, base included
  /// A hash of the last bytes before `length`, without those of the base; 0 if
  /// unknown. Distinguishes the file from another one of the same length.
  uint64_t tail = 0;
  bool operator==(const file_extent&) const = default;
};

/// Not thread-safe. Once a call other than `open` fails, the file stays
/// failed: every later call returns the same error (a failed fsync cannot be
/// repeated, because the kernel has dropped the lost data), and the next `open`
/// cuts off what is half written.
class output_file {
public:
  struct options {
    std::filesystem::path path;
    compression as = compression::none;
    found_rule found = found_rule::refuse;
    std::string sink{};   ///< the sink that owns the file, for messages
    bool in_load = false; ///< as in sink_context
  };

  explicit output_file(options opts);

  /// Opens and locks the file, creating it if absent. `kept` is the extent to
  /// cut back to, nullopt at the first start. Called once.
  /// Errors: ec::usage (the file has content and `found` is refuse, or it is
  /// not a regular file or has another compression), ec::disk (locked by
  /// another process, no such folder, shorter than `kept`, or different at its
  /// end).
  [[nodiscard]] caf::error open(const std::optional<file_extent>& kept);

  /// The error that `open` would return at the first start. Creates and changes
  /// nothing. Do not call after `open`.
  [[nodiscard]] caf::error check_first_start();

  /// The error that `open` would return for this extent. Changes nothing. Do
  /// not call after `open`.
  [[nodiscard]] caf::error check_kept(const file_extent& kept);

  /// Cuts a longer file back to `kept`; leaves a missing, shorter or different
  /// file alone. Not for an object on which `open` is called. Errors: those of
  /// `open`.
  [[nodiscard]] caf::error cut_longer(const file_extent& kept);

  /// Appends one JSON value as a separate line (see `append_capture`).
  /// Errors: ec::disk.
  [[nodiscard]] caf::error append_line(std::string_view json);

  /// Ends the compression frame, makes every line durable and returns where the
  /// file ends. Only checks the file if nothing was appended since the last
  /// checkpoint. Errors: ec::disk, also if the file was moved, deleted or
  /// resized by someone else.
  [[nodiscard]] caf::expected<file_extent> checkpoint();

  /// Drops what was appended since the last checkpoint and unlocks. Errors:
  /// ec::disk, as for `checkpoint`. Leaves changes by others as they are.
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
