// Continues a job whose files or addresses have moved: checks that it is still
// the same job and that each file is the one that the ledger knows, and ties
// the ledger to the new places.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"

#include <span>
#include <string>
#include <vector>

namespace sluice {

struct sink_relocation {
  std::string from;   ///< its name in the ledger
  std::string to;     ///< its name in the config
  bool moved = false; ///< its files or its address changed
  /// Moved only because the ledger's folder did.
  bool with_folder = false;
};

struct relocation {
  std::vector<sink_relocation> sinks; ///< all of the job's, as `now` has them
  bool api_moved = false;
};

/// How a job tied to `bound` becomes one tied to `now`. A sink with a new name
/// is taken for the one that is missing. Pure. Errors: ec::usage for changes
/// that are not moves: another robot, profile or form of a sink, an added or
/// missing sink, ambiguous names.
[[nodiscard]] caf::expected<relocation>
relocation_between(const job_identity& bound, const job_identity& now,
                   std::span<const config::sink_spec> specs);

/// Ties the job to `config` in one transaction, and returns line by line what
/// became of each sink. Every file must be the one that the ledger knows,
/// except those of the sinks named in `lost`, which are given up. If the API's
/// address changed, the API must know an open run or, if none is open, a
/// finished one; with none to ask for, submits without a reply are held.
/// REQUIRES: `store` came from `ledger::open`. Errors: ec::usage, ec::disk with
/// all files that do not match, the API's, and the ledger's; then nothing is
/// changed.
[[nodiscard]] caf::expected<std::string>
relocate(ledger& store, const settings& config,
         const std::vector<std::string>& lost);

/// What `relocate` would refuse. Changes nothing; `store` may have an earlier
/// format.
[[nodiscard]] caf::error check_relocation(ledger& store, const settings& config,
                                          const std::vector<std::string>& lost);

} // namespace sluice
