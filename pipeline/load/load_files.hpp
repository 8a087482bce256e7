// Which files a load has and which are new: the files of a command line against
// those that the load has begun with. Only the names are compared here;
// capture_file.hpp compares the bytes.

#pragma once

#include "core/base/error.hpp"
#include "pipeline/load/load_state.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sluice {

/// The files as the load knows them, then the new ones: `known` must be the
/// first of `given`, in the same order. `state` is the file of the load's
/// state, for messages. Errors: ec::usage.
[[nodiscard]] caf::expected<std::vector<loaded_file>>
continued_files(const std::vector<loaded_file>& known,
                const std::vector<std::string>& given,
                const std::filesystem::path& state);

/// `files` as absolute names. Errors: ec::usage if two lead to one file.
[[nodiscard]] caf::expected<std::vector<std::string>>
absolute_files(const std::vector<std::string>& files);

} // namespace sluice
