// What each round of a job brought, when URLs were submitted again; and what
// is said when the user decides that, or a start goes on with it.

#pragma once

#include "config/settings.hpp"
#include "core/model/account.hpp"

#include <optional>
#include <string>

namespace sluice {

/// A line for each round, with a title. Empty without a retry.
[[nodiscard]] std::string rounds_text(const std::vector<round_report>& rounds);

/// A retry with URLs that are still pending.
[[nodiscard]] bool is_unfinished_retry(const round_report& round);

/// What a start says of retries, in lines. "Retry 1 goes on: 20 of its URLs are
/// pending; at most 20 credits." for each that `before` has unfinished. Then,
/// if any were `wanted`, "Submits 20 URLs again (15 missing, 5 failed) and buys
/// them again: at most 20 credits.", or that there are none. Where any are
/// pending and the start has a `limit`: "This start submits at most 5 URLs
/// (--limit)."
[[nodiscard]] std::string
retry_text(const std::vector<round_report>& before, const retry_kinds& wanted,
           const begun_round& begun, const settings& config,
           std::optional<uint64_t> limit = {});

} // namespace sluice
