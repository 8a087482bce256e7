// Finds keys of a job that name the same file although one of them writes it. A
// sink would overwrite a list of the same name; one that overwrote the ledger's
// -wal would make the job buy all URLs again.

#pragma once

#include "config/finding.hpp"
#include "config/settings.hpp"

#include <vector>

namespace sluice::config {

/// A finding for every two keys that name the same file if at least one of them
/// writes it. Other spellings of a path and links to a file are recognised.
/// Files that do not exist yet are compared by name. Opens no file. If the job
/// is `rehearsed`, includes the files that only a rehearsal writes.
[[nodiscard]] std::vector<finding> file_conflicts(const settings& job);

} // namespace sluice::config
