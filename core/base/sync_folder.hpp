// Makes the name of a new or renamed file, a ledger or an output file, outlast
// a power failure.

#pragma once

#include <filesystem>

namespace sluice {

/// Syncs the folder that holds `file`. Returns 0, or errno.
[[nodiscard]] int sync_folder_of(const std::filesystem::path& file);

} // namespace sluice
