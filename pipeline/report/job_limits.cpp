#include "pipeline/report/job_limits.hpp"

namespace sluice {

std::optional<credit_budget> credit_budget_of(const settings& config) {
  if (!config.runs.max_credits)
    return std::nullopt;
  auto& profile = *config.api.profile;
  run_terms terms;
  terms.credits_per_unit = profile.credits_per_unit;
  terms.unit_is_url = profile.budget_unit == api_profile::unit::urls;
  if (config.runs.budget == run_settings::budget_rule::number)
    terms.units_per_run = config.runs.budget_number;
  return credit_budget{*config.runs.max_credits, terms};
}

std::optional<double>
most_cost(const settings& config, uint64_t urls, uint64_t runs) {
  using rule = run_settings::budget_rule;
  if (config.runs.budget == rule::none)
    return std::nullopt;
  auto units = static_cast<double>(urls);
  if (config.runs.budget == rule::number)
    units = static_cast<double>(runs)
            * static_cast<double>(config.runs.budget_number);
  return units * config.api.profile->credits_per_unit;
}

caf::expected<std::string>
credits_used_up(ledger& store, const settings& config) {
  auto budget = credit_budget_of(config);
  if (!budget)
    return std::string{};
  auto sums = store.spent();
  if (!sums)
    return sums.error();
  return sums->open.batches == 0 && budget->fits(*sums, 1) == 0
           ? used_up_text(*budget, *sums)
           : std::string{};
}

caf::expected<std::optional<credit_use>>
credit_use_of(ledger& store, const account& numbers, const settings& config) {
  auto budget = credit_budget_of(config);
  if (!budget)
    return std::optional<credit_use>{};
  auto sums = store.spent();
  if (!sums)
    return sums.error();
  credit_use result{budget->credits(), budget->committed(*sums)};
  if (numbers.pending > 0) {
    auto used_up = credits_used_up(store, config);
    if (!used_up)
      return used_up.error();
    result.used_up = std::move(*used_up);
  }
  return std::optional{std::move(result)};
}

} // namespace sluice
