// References in config values: ${VAR}, ${VAR:-default} (if VAR is unset or
// empty), ${file:/path}; $$ is a dollar, any other $ stands for itself.
//
// value_reader.hpp resolves the references; those in secrets, only when needed.
//
// Errors are ec::usage; they name the variable or file, never a value.

#pragma once

#include "core/base/secrets.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::config {

/// Checks the syntax of the references in `text` without resolving any.
[[nodiscard]] caf::error check_references(const std::string& text);

/// The files that `text` refers to, relative to `folder`.
[[nodiscard]] std::vector<std::string>
referenced_files(const std::string& text, const std::filesystem::path& folder);

/// `text` with its references resolved. Files are relative to `folder` and at
/// most 64 KiB; one newline at their end is dropped.
[[nodiscard]] caf::expected<std::string>
expand(const std::string& text, const std::filesystem::path& folder);

/// A secret that expands `text` at first use and caches the result. Refuses
/// empty values, and control characters, which could forge headers.
[[nodiscard]] secret
make_secret(std::string text, std::filesystem::path folder);

} // namespace sluice::config
