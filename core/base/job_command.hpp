// Commands that act on the job this process works on, as messages, the account
// and the status page show them. Each names the same config file and repeats
// the same `--set`, so that it can be copied as it stands.

#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// `text` as one word of a shell's command line: in quotes where it needs
/// them, control characters and invalid UTF-8 escaped as in $'\033', which
/// bash, zsh and ksh know, but dash does not.
[[nodiscard]] std::string shell_word(std::string_view text);

/// From now on commands name `config`, made absolute, and repeat `overrides`.
/// Call before threads start.
void name_job(const std::filesystem::path& config,
              std::span<const std::string> overrides);

/// From now on commands name no file, as before the first `name_job`.
void forget_job();

/// `sluice VERB CONFIG --set …`, then `rest` as it stands. Secrets in it are
/// masked.
[[nodiscard]] std::string
job_command(std::string_view verb, std::string_view rest = {});

} // namespace sluice
