// The rounds of a job in words: what each one yielded, for the account, and
// which retries a start continues or begins, for the job's steps.

#pragma once

#include "config/settings.hpp"
#include "core/model/account.hpp"

#include <optional>
#include <string>

namespace sluice {

/// A title and a line for each round; empty if there are no `rounds`.
[[nodiscard]] std::string rounds_text(const std::vector<round_report>& rounds);

/// Whether the round is a retry with URLs still pending.
[[nodiscard]] bool is_unfinished_retry(const round_report& round);

/// The lines that a start prints about retries. For each unfinished one in
/// `before`: "Retry 1 continues: 20 of its URLs are pending; at most 20
/// credits." Then, if any were `wanted`: "Submits 20 URLs again (15 missing, 5
/// failed) and buys them again: at most 20 credits.", or says that there are no
/// such URLs. If URLs are pending and the start has a `limit`: "This start
/// submits at most 5 URLs (--limit)."
[[nodiscard]] std::string
retry_text(const std::vector<round_report>& before, const retry_kinds& wanted,
           const begun_round& begun, const settings& config,
           std::optional<uint64_t> limit = {});

} // namespace sluice
