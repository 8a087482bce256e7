// What each round of a job brought, when URLs were submitted again; and what
// is said when the user decides that.

#pragma once

#include "config/settings.hpp"
#include "core/ledger.hpp"

#include <string>

namespace sluice {

/// A line for each round, with a title. Empty without a retry.
[[nodiscard]] std::string rounds_text(const std::vector<round_report>& rounds);

/// "Submits 20 URLs again (15 missing, 5 failed) and buys them again: about 20
/// credits.", or that there are none of those `wanted`. One line, with its
/// line break.
[[nodiscard]] std::string retry_text(const retry_counts& taken,
                                     const retry_kinds& wanted,
                                     const settings& config);

} // namespace sluice
