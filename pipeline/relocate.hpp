// Ties a ledger to the places where a job's files and its API are now: the
// command `relocate`, and a start after the job's folder was moved
// (moved_folder.hpp).

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"

#include <string>
#include <vector>

namespace sluice {

/// Ties the job to `config` in one transaction, and returns line by line what
/// became of each sink. Every file must be the one that the ledger knows,
/// except those of the sinks named in `lost`, which are given up. If the API's
/// address changed, the API must know an open run or, if none is open, a
/// finished one; if the job has no run to ask for, submits without a reply are
/// held. REQUIRES: `store` came from `open_ledger`. Errors: ec::usage, ec::disk
/// with all files that do not match, the API's, and the ledger's; nothing is
/// changed then.
[[nodiscard]] caf::expected<std::string>
relocate(ledger& store, const settings& config,
         const std::vector<std::string>& lost);

/// What `relocate` would refuse. Changes nothing; `store` may have an earlier
/// format.
[[nodiscard]] caf::error check_relocation(ledger& store, const settings& config,
                                          const std::vector<std::string>& lost);

} // namespace sluice
