// The names of the files of `sluice load`, which are next to the ledger. A load
// reads and changes nothing else of the job.

#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace sluice {

/// The file that says how far the load into this sink is.
[[nodiscard]] std::filesystem::path
state_of_load(const std::filesystem::path& ledger, std::string_view sink);

/// All names that the load's files have or may get, the state first.
[[nodiscard]] std::vector<std::filesystem::path>
names_of_load(const std::filesystem::path& ledger, std::string_view sink);

} // namespace sluice
