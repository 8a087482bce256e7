// The ledgers beside a job's own: those of jobs that were left for a new one,
// and copies that were made before a change of the format. What is in them,
// and which of them can go.

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
    twin,      ///< has a name of the second kind, and the job of the own one
  };
  kind as = kind::own;
  std::filesystem::path file;
  int64_t since_s = 0; ///< set aside or copied, by the wall clock; 0: own,
                       ///< or not known

  // What it says of itself.
  std::string job_id;
  uint64_t changes = 0; ///< 0: not counted
  std::string standing; ///< "it began on …, and 12 of 400 URLs are done"
  std::string left;     ///< lines of what is bought and not brought back
  caf::error unreadable;
};

/// The ledgers of `config`'s job that are there, its own first, then the
/// oldest first. One that cannot be read says so itself. Errors: ec::disk when
/// the folder cannot be read.
[[nodiscard]] caf::expected<std::vector<shelved_ledger>>
read_shelf(const settings& config);

/// Why `ledger`, one of `all`, must not be removed without being asked for;
/// empty when everything it bought was brought back or given
/// up, or, for a copy, its job has gone on in another of `all`. Pure.
[[nodiscard]] std::string
why_kept(const shelved_ledger& ledger, const std::vector<shelved_ledger>& all);

struct prune_options {
  bool all = false; ///< also what `why_kept` keeps, if it can be read
  std::optional<int64_t> older_than; ///< in seconds of the wall clock
};

/// A line for each ledger, with what it leaves behind.
[[nodiscard]] std::string shelf_text(const std::vector<shelved_ledger>& all);

/// Removes those that can go, never the job's own, and says of each line by
/// line what was done. One that is in use is kept. Errors: ec::disk, with all
/// these lines, when one cannot be removed.
[[nodiscard]] caf::expected<std::string>
prune_shelf(const std::vector<shelved_ledger>& all,
            const prune_options& options);

} // namespace sluice
