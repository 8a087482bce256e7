#include "core/ledger/credit_budget.hpp"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

/// Beyond this, units are not counted exactly.
constexpr double most_units = 9e15;

/// A quotient may be rounded up or down: the product decides.
uint64_t units_for(double credits, double credits_per_unit) {
  auto units = std::floor(std::min(credits / credits_per_unit, most_units));
  if ((units + 1) * credits_per_unit <= credits && units < most_units)
    ++units;
  if (units > 0 && units * credits_per_unit > credits)
    --units;
  return static_cast<uint64_t>(units);
}

} // namespace

credit_budget::credit_budget(uint64_t credits, const run_terms& terms) noexcept
    : credits_{credits},
      terms_{terms},
      units_{units_for(static_cast<double>(credits), terms.credits_per_unit)} {}

uint64_t credit_budget::most_of(const batch_sums& some) const noexcept {
  return terms_.units_per_run ? some.batches * *terms_.units_per_run
                              : some.urls;
}

/// What a run reports but does not list may be billed, so it counts as paid.
uint64_t credit_budget::paid_units(const spending& sums) const noexcept {
  auto delivered =
    terms_.unit_is_url ? sums.captured + sums.unmatched : sums.captures;
  return delivered + sums.shortfall;
}

uint64_t credit_budget::units_of(const spending& sums) const noexcept {
  return paid_units(sums) + most_of(sums.open) + most_of(sums.unsure);
}

uint64_t
credit_budget::fits(const spending& sums, uint64_t urls) const noexcept {
  auto used = std::min(units_, units_of(sums));
  auto room = units_ - used;
  if (terms_.units_per_run)
    return *terms_.units_per_run <= room ? urls : 0;
  return std::min(urls, room);
}

double credit_budget::committed(const spending& sums) const noexcept {
  return static_cast<double>(units_of(sums)) * terms_.credits_per_unit;
}

double credit_budget::paid(const spending& sums) const noexcept {
  return static_cast<double>(paid_units(sums)) * terms_.credits_per_unit;
}

} // namespace sluice
