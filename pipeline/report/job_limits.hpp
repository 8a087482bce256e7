// What `runs.max_credits` and `runs.budget` mean in credits: the budget that
// the ledger enforces, the most that runs can cost, and how much is used. For
// the job's steps, which set the limit and stop at it, and for the account and
// the plan, which show it.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger_reader.hpp"
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

/// How much of `runs.max_credits` is used.
struct credit_use {
  uint64_t most = 0;    ///< credits
  double committed = 0; ///< the most that everything submitted may cost
  /// The result of `credits_used_up`; set only while URLs are pending.
  std::string used_up{};
};

/// Why `runs.max_credits` does not allow another run, as part of a sentence.
/// Empty if it does, if it is unset, or while runs are open, since they may
/// cost less than their maximum.
[[nodiscard]] caf::expected<std::string>
credits_used_up(ledger_reader& store, const settings& config);

/// nullopt if unset. `numbers` are the ledger's.
[[nodiscard]] caf::expected<std::optional<credit_use>>
credit_use_of(ledger_reader& store, const account& numbers,
              const settings& config);

} // namespace sluice
