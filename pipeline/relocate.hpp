// Ties a ledger to the places where a job's files and its API are now.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"

#include <string>
#include <vector>

namespace sluice {

/// Ties the job to what `config` says, in one transaction, and says line by
/// line what has become of each sink. Every file must be the one that the
/// ledger knows, but those of the sinks named in `lost`, which are given up.
/// Where the API's address is another, it must know an open run, or else one
/// that is done; with none to ask, submits without a reply are held. REQUIRES:
/// `store` came from `ledger::open`. Errors: ec::usage, ec::disk with all files
/// that are not as they should be, the API's, and the ledger's; nothing is
/// changed then.
[[nodiscard]] caf::expected<std::string>
relocate(ledger& store, const settings& config,
         const std::vector<std::string>& lost);

/// What `relocate` would refuse; nothing is changed, and `store` may be one of
/// an earlier format.
[[nodiscard]] caf::error check_relocation(ledger& store, const settings& config,
                                          const std::vector<std::string>& lost);

} // namespace sluice
