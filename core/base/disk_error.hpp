// What to say, and to advise, when the system refuses something with an output
// file.

#pragma once

#include "core/base/error.hpp"

#include <filesystem>
#include <string_view>

namespace sluice {

/// ec::disk: "Cannot write '/data/a': No space left on device. Free some …".
/// `number` is an errno.
[[nodiscard]] caf::error disk_error(std::string_view action,
                                    const std::filesystem::path& path,
                                    int number);

} // namespace sluice
