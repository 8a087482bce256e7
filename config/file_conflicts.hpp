// A job's files that must not be one file, but are: a sink that is a list
// would destroy it, one that is the ledger's -wal would buy all URLs again.

#pragma once

#include "config/finding.hpp"
#include "config/settings.hpp"

#include <vector>

namespace sluice::config {

/// A finding for each two keys that name one file which at least one of them
/// writes, whatever the path's spelling and the links that lead to it. A
/// file that is not there yet counts by its name. Looks files up, opens none.
[[nodiscard]] std::vector<finding> file_conflicts(const settings& job);

} // namespace sluice::config
