// The ledgers next to a job's own: those of jobs that a new one replaced,
// and copies made before a change of format. What they contain, and which can
// be removed.

#pragma once

#include "config/settings.hpp"
#include "core/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct shelved_ledger {
  enum class kind {
    own,       ///< the job's
    set_aside, ///< `<ledger>.<seconds>.old`
    copy,      ///< `<ledger>.format<n>`
    twin,      ///< named like `set_aside`, but holds the job of `own`
  };
  kind as = kind::own;
  std::filesystem::path file;
  int64_t since_s =
    0; ///< when set aside or copied, by the wall clock; 0: own, or unknown

  // What the ledger says about itself.
  std::string job_id;
  uint64_t changes = 0; ///< 0: not counted
  std::string standing; ///< "it began on …, and 12 of 400 URLs are done"
  std::string left;     ///< lines: what is bought but not delivered
  caf::error unreadable;
};

/// The existing ledgers of `config`'s job: its own, then the others, oldest
/// first. One that cannot be read has `unreadable` set. Errors: ec::disk if the
/// folder cannot be read.
[[nodiscard]] caf::expected<std::vector<shelved_ledger>>
read_shelf(const settings& config);

/// Why `ledger`, one of `all`, must be kept unless the user asks to remove it.
/// Empty if everything it bought was delivered or given up, or, for a copy, if
/// its job continued in another of `all`. Pure.
[[nodiscard]] std::string
why_kept(const shelved_ledger& ledger, const std::vector<shelved_ledger>& all);

struct prune_options {
  bool all = false; ///< also what `why_kept` keeps, if it can be read
  std::optional<int64_t> older_than; ///< in seconds of the wall clock
};

/// A line for each ledger, with what it leaves behind.
[[nodiscard]] std::string shelf_text(const std::vector<shelved_ledger>& all);

/// Removes the ledgers that may be removed, but never the job's own or one in
/// use. Returns a line for each ledger that says what was done. Errors:
/// ec::disk, with all these lines, if one cannot be removed.
[[nodiscard]] caf::expected<std::string>
prune_shelf(const std::vector<shelved_ledger>& all,
            const prune_options& options);

} // namespace sluice
