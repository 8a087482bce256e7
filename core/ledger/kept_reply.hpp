// Keeps a reply that could not be read in a file next to the ledger, so that
// somebody can look into it: its captures are paid for.

#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace sluice {

/// All kept replies of a job take at most this many bytes.
inline constexpr uint64_t most_kept_bytes = uint64_t{1} << 30;

/// The file for one run's reply: the ledger's name, the first eight digits of
/// the job's id, and the batch. A renamed ledger keeps its replies apart from
/// those of its successor.
[[nodiscard]] std::filesystem::path
kept_reply_file(const std::filesystem::path& ledger, const std::string& job_id,
                int64_t batch);

/// Writes `body` to `file`, with mode 0600, in place of an earlier reply of
/// the same run. Errors: ec::disk, also when the kept replies of the job
/// would exceed `most` bytes; nothing is left of the file then.
[[nodiscard]] caf::error keep_reply(const std::filesystem::path& file,
                                    std::string_view body,
                                    uint64_t most = most_kept_bytes);

} // namespace sluice
