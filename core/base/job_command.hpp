// Shell commands that act on the current job, as shown in messages, the account
// and the status page. Each names the job's config file and repeats its `--set`
// options, so it can be copied as it is.

#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// `text` as one shell word: quoted if necessary, with control characters and
/// invalid UTF-8 escaped as in $'\033', which bash, zsh and ksh understand but
/// dash does not.
[[nodiscard]] std::string shell_word(std::string_view text);

/// Makes later commands name `config`, as an absolute path, and repeat
/// `overrides`. Call before threads start.
void name_job(const std::filesystem::path& config,
              std::span<const std::string> overrides);

/// Undoes `name_job`: later commands name no file.
void forget_job();

/// `sluice VERB CONFIG --set …`, then `rest` as given. Secrets in the file name
/// and the options are masked.
[[nodiscard]] std::string
job_command(std::string_view verb, std::string_view rest = {});

} // namespace sluice
