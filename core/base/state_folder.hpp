// The folder for state that outlives a job and belongs to no single job: the
// shared token buckets and the notes about ledgers.

#pragma once

#include <filesystem>

namespace sluice {

/// $XDG_STATE_HOME/sluice or ~/.local/state/sluice. If neither variable is an
/// absolute path, a folder under the system's temporary directory. It may not
/// exist yet.
[[nodiscard]] std::filesystem::path state_folder();

} // namespace sluice
