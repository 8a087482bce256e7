// Running another program, without a shell.

#pragma once

#include "core/base/error.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The file that `name` runs: `name` itself when it has a slash, else the first
/// one of that name in PATH. Errors: ec::usage when there is none, or it cannot
/// be executed.
[[nodiscard]] caf::expected<std::filesystem::path>
find_program(const std::string& name);

/// Runs `command`, the program and its arguments, and waits for its end. The
/// program has `input` as its standard input, our standard error as its output
/// and our environment; no other file of ours is open in it. It has a process
/// group of its own, which is killed when the program has not ended within
/// `limit`, or as soon as `cancelled` is true; it is left alone when that does
/// not end it within 5 s. Errors: ec::usage when there is no such program;
/// ec::unavailable when it fails or is killed.
[[nodiscard]] caf::error
call_program(const std::vector<std::string>& command, std::string_view input,
             std::chrono::milliseconds limit,
             const std::function<bool()>& cancelled = {});

} // namespace sluice
