// The part of a ledger that treats it as a file: copies, moves, replacement by
// the ledger of another job. A store that is not a file would not have it.

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/job_binding.hpp"
#include "core/model/checkpoint.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sluice {

class ledger_lock;

class ledger_file {
public:
  virtual ~ledger_file() = default;

  /// Why the file must not be changed; no error if it may be.
  [[nodiscard]] virtual const caf::error& only_read() const = 0;
  /// True if the reason is an earlier format, which `open_ledger` converts.
  [[nodiscard]] virtual bool is_of_earlier_format() const = 0;
  /// How many transactions have changed it; 0 if its format does not count
  /// them.
  [[nodiscard]] virtual caf::expected<uint64_t> changes() = 0;

  /// Binds it to `identity`, whatever it was bound to, and replaces its sinks
  /// with `sinks`. REQUIRES: the job is not running.
  [[nodiscard]] virtual caf::error
  rebind(const job_binding& identity, const std::vector<moved_sink>& sinks) = 0;
  /// Marks the job as replaced by the one with this id, which now has the job's
  /// files. An empty id removes the mark, as `rebind` does.
  [[nodiscard]] virtual caf::error leave_for(const std::string& job_id) = 0;
  /// The id of the job that replaced it; empty if none did.
  [[nodiscard]] virtual caf::expected<std::string> left_for() = 0;

  /// Copies the ledger, as it is now, to `file`, which must not exist. The job
  /// may continue meanwhile. The copy is durable, and only its owner can read
  /// it. Errors: ec::disk (then no part of the copy is left), and those of
  /// reading the ledger.
  [[nodiscard]] virtual caf::error
  copy_to(const std::filesystem::path& file) = 0;

  /// Removes a ledger without an import: its files and its note. After that,
  /// only the destructor may be called. REQUIRES: it came from `open_ledger`.
  /// Errors: ec::disk if other files have its names now; these are kept.
  [[nodiscard]] virtual caf::error discard() = 0;

  /// Writes everything into the main file and closes it, so that it can be
  /// renamed: its -wal is then empty or gone. After that, only the destructor
  /// may be called. The lock passes to the caller. REQUIRES: it came from
  /// `open_ledger`. Errors: ec::ledger_locked if another program keeps reading
  /// it, and the ledger's; it then stays open.
  [[nodiscard]] virtual caf::expected<ledger_lock> close() = 0;
};

} // namespace sluice
