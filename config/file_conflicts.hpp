// Finds keys of a job that name the same file though one of them writes it: a
// sink that is a list would destroy it, one that is the ledger's -wal would buy
// all URLs again.

#pragma once

#include "config/finding.hpp"
#include "config/settings.hpp"

#include <vector>

namespace sluice::config {

/// A finding for every two keys that name the same file which at least one of
/// them writes, whatever the path's spelling and the links that lead to it. A
/// file that does not exist yet counts by its name. Looks files up, opens none.
/// Of a job that is `rehearsed`, also the files that only a rehearsal writes.
[[nodiscard]] std::vector<finding> file_conflicts(const settings& job);

} // namespace sluice::config
