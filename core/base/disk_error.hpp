// Error messages, with advice, for failed system calls on output files.

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
