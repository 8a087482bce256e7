// The limits of submitting, as the settings and the command line give them.

#pragma once

#include "config/settings.hpp"
#include "core/ledger.hpp"
#include "core/submit_limits.hpp"

#include <optional>
#include <string>

namespace sluice {

/// `runs.max_credits`; none where it is not set.
[[nodiscard]] std::optional<credit_budget>
credit_budget_of(const settings& config);

/// The most credits that `runs` runs with `urls` URLs in all can cost; none
/// where runs.budget sets no bound.
[[nodiscard]] std::optional<double>
most_cost(const settings& config, uint64_t urls, uint64_t runs);

/// What `runs.max_credits` has come to.
struct credit_use {
  uint64_t most = 0;    ///< credits
  double committed = 0; ///< the most that all submitted so far may cost
  /// Why no further URL is submitted, as part of a sentence; empty: some are.
  std::string used_up{};
  bool is_final = false; ///< and no run is open that may cost less
};

/// None where it is not set. `numbers` are the ledger's.
[[nodiscard]] caf::expected<std::optional<credit_use>>
credit_use_of(ledger& store, const account& numbers, const settings& config);

} // namespace sluice
