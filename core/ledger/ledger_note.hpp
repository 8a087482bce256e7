// A note, outside a job's ledger, of how many changes it has had. If an old
// copy replaces the ledger, sluice notices, and does not buy twice what was
// bought since.
//
// The note is a file <folder>/job-<id> with the ledger's count of changes and,
// on a second line, the place of the ledger with which the job last ran. The
// count is written after the change is durable and never synced. After a crash
// or a power failure it may lag behind the ledger but never run ahead of it.
//
// The process that runs the job keeps the note locked, so that no second one
// can run the job with a copy of the ledger elsewhere.

#pragma once

#include "core/base/error.hpp"
#include "core/base/file_descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace sluice {

/// Not thread-safe; several processes may write the note of one job.
class ledger_note {
public:
  ledger_note(const std::filesystem::path& folder, std::string_view job_id);

  /// The last count; 0 if none can be read.
  [[nodiscard]] uint64_t read() const;

  /// Locks the note until this object is destroyed, and creates it if needed.
  /// False if another process has it locked. If it cannot be created, nothing
  /// is claimed; `write` logs that later.
  [[nodiscard]] bool claim();

  /// Replaces the count and the place of the ledger.
  void write_place(const std::filesystem::path& ledger, uint64_t changes);

  /// Whether a process, this one or another, has claimed it.
  [[nodiscard]] bool is_claimed() const;

  /// "'/path/of/the.ledger'"; empty if it is not known.
  [[nodiscard]] std::string place_text() const;

  /// Removes the file; nothing more is noted.
  void remove();

  /// Replaces the count; creates file and folder if needed. Logs a failure as a
  /// warning; after that nothing more is noted.
  void write(uint64_t changes);

  /// ec::ledger_unusable, with what to do, if a ledger with this count of
  /// changes is older than the note. `ledger` is its name in messages.
  /// REQUIRES: `noted` was read before `changes`.
  [[nodiscard]] caf::error
  check(const std::string& ledger, uint64_t noted, uint64_t changes) const;

private:
  [[nodiscard]] bool open();
  void give_up(int number);

  std::filesystem::path file_;
  file_descriptor fd_;
  bool failed_ = false;
};

} // namespace sluice
