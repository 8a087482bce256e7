// Replaces a small file as a whole: after a crash or a power failure, it has
// the old content or the new one. For the state of `sluice load`.

#pragma once

#include "core/base/error.hpp"

#include <filesystem>
#include <string_view>

namespace sluice {

/// The name that the new content has until it is durable.
[[nodiscard]] std::filesystem::path replacement_of(std::filesystem::path file);

/// Gives `file` this content, durably. Only its owner can read it. The caller
/// makes sure that nobody else replaces it meanwhile. Errors: ec::disk; then
/// the file has the old content, or, if only its folder could not be synced,
/// the new content, which a power failure may undo.
[[nodiscard]] caf::error
replace_file(const std::filesystem::path& file, std::string_view content);

} // namespace sluice
