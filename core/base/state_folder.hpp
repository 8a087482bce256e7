// Where sluice keeps what outlives a job and belongs to no job's folder.

#pragma once

#include <filesystem>

namespace sluice {

/// $XDG_STATE_HOME/sluice or ~/.local/state/sluice; in the folder for
/// temporary files when neither variable is an absolute path. It may not
/// exist yet.
[[nodiscard]] std::filesystem::path state_folder();

} // namespace sluice
