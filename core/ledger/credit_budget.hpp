// How many more URLs the job's credits pay for. What nobody knows yet counts at
// its maximum: an open run costs its budget, and so does a batch that is held
// or set aside, since its run may exist. Pure arithmetic on sums over the job's
// batches.
//
// Everything is counted in units. The profile says what one unit is, a URL or a
// capture, and what it costs (`budget_unit`, `credits_per_unit`).

#pragma once

#include <cstdint>
#include <optional>

namespace sluice {

/// Batches, and the URLs in them.
struct batch_sums {
  uint64_t batches = 0;
  uint64_t urls = 0;
};

/// What a job's batches cost, or may cost.
struct spending {
  // Of runs that completed and are read:
  uint64_t captured = 0;  ///< URLs with a capture
  uint64_t captures = 0;  ///< delivered
  uint64_t unmatched = 0; ///< of those, for no URL of their run
  uint64_t shortfall = 0; ///< reported by runs, never listed

  batch_sums open;   ///< submitted or about to be: they end by themselves
  batch_sums unsure; ///< held, set aside, failed, abandoned, resubmitted
};

/// What a run may cost.
struct run_terms {
  double credits_per_unit = 1; ///< REQUIRES: more than 0
  bool unit_is_url = true;     ///< else a capture
  /// The maximum number of units of one run; unset: as many as it has URLs.
  std::optional<uint64_t> units_per_run{};
};

class credit_budget {
public:
  /// `credits`: for the whole job, all its starts together.
  credit_budget(uint64_t credits, const run_terms& terms) noexcept;

  /// How many of `urls` URLs one more run may have: as many as the rest of the
  /// budget pays for if a run's cost depends on its URLs, else all or none.
  [[nodiscard]] uint64_t
  fits(const spending& sums, uint64_t urls) const noexcept;

  /// The most that everything submitted so far may have cost in the end.
  [[nodiscard]] double committed(const spending& sums) const noexcept;

  /// How much of `committed` has been paid, as reported by ended runs.
  [[nodiscard]] double paid(const spending& sums) const noexcept;

  [[nodiscard]] uint64_t credits() const noexcept { return credits_; }

private:
  [[nodiscard]] uint64_t most_of(const batch_sums& some) const noexcept;
  [[nodiscard]] uint64_t paid_units(const spending& sums) const noexcept;
  [[nodiscard]] uint64_t units_of(const spending& sums) const noexcept;

  uint64_t credits_;
  run_terms terms_;
  uint64_t units_; ///< that `credits_` pay for
};

} // namespace sluice
