// How far a job's ledger has come, noted outside of it: an old copy that is
// put in its place is recognised, and does not buy again what was bought
// since.
//
// The note is a file <folder>/job-<id> with the ledger's count of changes and,
// on a second line, where the ledger was that a job last ran with. The count
// is written after the change is durable and never synced, so it may lag
// behind the ledger but not run ahead of it, whatever is killed and whenever
// the power fails.
//
// The process that runs the job keeps the note locked: with a copy of the
// ledger elsewhere no second one can run it at the same time.

#pragma once

#include "core/base/error.hpp"
#include "core/base/file_descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace sluice {

/// Not thread-safe; several processes may note for one job.
class ledger_note {
public:
  ledger_note(const std::filesystem::path& folder, std::string_view job_id);

  /// The last count; 0 when there is none that can be read.
  [[nodiscard]] uint64_t read() const;

  /// Locks the note, making it as needed, until this object is gone. False
  /// when another process has it locked. A note that cannot be made claims
  /// nothing, as `write` tells later.
  [[nodiscard]] bool claim();

  /// Replaces the count and the place of the ledger.
  void write_place(const std::filesystem::path& ledger, uint64_t changes);

  /// Whether a process, this one or another, has claimed it.
  [[nodiscard]] bool is_claimed() const;

  /// "'/path/of/the.ledger'"; empty when it is not known.
  [[nodiscard]] std::string place_text() const;

  /// Removes the file; nothing more is noted.
  void remove();

  /// Replaces the count, making file and folder as needed. After a failure,
  /// which is logged as a warning, nothing more is noted.
  void write(uint64_t changes);

  /// ec::ledger_unusable, naming the ways on, when a ledger with so many
  /// changes is older than the note. `ledger` as it stands in messages.
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
