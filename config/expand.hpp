// References in config values: ${VAR}, ${VAR:-default} (when VAR is unset or
// empty), ${file:/path}; $$ is a dollar, any other $ stands for itself.
//
// Errors are ec::usage; they name the variable or file, never a value.

#pragma once

#include "core/base/secrets.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::config {

/// Says whether `text` is written correctly, without resolving anything.
[[nodiscard]] caf::error check_references(const std::string& text);

/// The files that `text` refers to, relative to `folder`.
[[nodiscard]] std::vector<std::string>
referenced_files(const std::string& text, const std::filesystem::path& folder);

/// `text` with its references put in. Files are relative to `folder`, at most
/// 64 KiB, and lose one newline at the end.
[[nodiscard]] caf::expected<std::string>
expand(const std::string& text, const std::filesystem::path& folder);

/// A secret that expands `text` at first use and keeps the result. Refuses an
/// empty one and control characters, which would forge headers.
[[nodiscard]] secret
make_secret(std::string text, std::filesystem::path folder);

} // namespace sluice::config
