// The limits of submitting, as the settings and the command line give them.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"
#include "core/ledger/submit_limits.hpp"
#include "core/model/account.hpp"

#include <optional>
#include <string>

namespace sluice {

/// `runs.max_credits`; nullopt if unset.
[[nodiscard]] std::optional<credit_budget>
credit_budget_of(const settings& config);

/// The most credits that `runs` runs with `urls` URLs in all can cost;
/// nullopt if runs.budget sets no bound.
[[nodiscard]] std::optional<double>
most_cost(const settings& config, uint64_t urls, uint64_t runs);

/// What `runs.max_credits` has come to.
struct credit_use {
  uint64_t most = 0;    ///< credits
  double committed = 0; ///< the most that all submitted so far may cost
  /// As `credits_used_up` says while URLs are pending.
  std::string used_up{};
};

/// Why `runs.max_credits` pays for no further run, as part of a sentence.
/// Empty: it does, or may, for runs are open that may cost less than their
/// most; or it is unset.
[[nodiscard]] caf::expected<std::string>
credits_used_up(ledger& store, const settings& config);

/// Nullopt if unset. `numbers` are the ledger's.
[[nodiscard]] caf::expected<std::optional<credit_use>>
credit_use_of(ledger& store, const account& numbers, const settings& config);

} // namespace sluice
