// Saves a reply that could not be read to a file next to the ledger, so that
// somebody can examine it: its captures are paid for. `ledger_keeper` calls it.

#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace sluice {

/// The most bytes that a job's kept replies may take together.
inline constexpr uint64_t most_kept_bytes = uint64_t{1} << 30;

/// The file for one run's reply: the ledger's name, the first eight digits of
/// the job's id, and the batch. The job's id keeps the replies of a renamed
/// ledger apart from those of the ledger that replaces it.
[[nodiscard]] std::filesystem::path
kept_reply_file(const std::filesystem::path& ledger, const std::string& job_id,
                int64_t batch);

/// Writes `body` to `file`, with mode 0600, in place of an earlier reply of
/// the same run. Errors: ec::disk, also when the kept replies of the job
/// would exceed `most` bytes; no file is left then.
[[nodiscard]] caf::error keep_reply(const std::filesystem::path& file,
                                    std::string_view body,
                                    uint64_t most = most_kept_bytes);

} // namespace sluice
