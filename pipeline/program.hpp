// Finds and runs another program without a shell: `notify` runs it, `check`
// only looks for it.

#pragma once

#include "core/base/error.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The file to execute for `name`: `name` itself if it has a slash, else the
/// first one of that name in PATH. Errors: ec::usage if it is not found or
/// cannot be executed.
[[nodiscard]] caf::expected<std::filesystem::path>
find_program(const std::string& name);

/// Runs `command`, a program and its arguments, and waits for it to end. The
/// program reads `input` from standard input, writes to our standard error, and
/// inherits our environment, but no other open files. It has a separate process
/// group, which is killed if the program does not end within `limit`, or as
/// soon as `cancelled` returns true. A program that survives this for 5 s is
/// left alone. Errors: ec::usage if there is no such program; ec::unavailable
/// if it fails or is killed.
[[nodiscard]] caf::error
call_program(const std::vector<std::string>& command, std::string_view input,
             std::chrono::milliseconds limit,
             const std::function<bool()>& cancelled = {});

} // namespace sluice
