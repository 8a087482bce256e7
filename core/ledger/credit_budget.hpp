// How many URLs the job's credits still pay for. It counts at its most what
// nobody knows yet: a run that is open costs its budget, and so does a batch
// that is held or set aside, for its run may exist. Pure arithmetic on sums
// over the job's batches.
//
// Everything is counted in units: what one unit is, an URL or a capture, and
// what it costs is the profile's (`budget_unit`, `credits_per_unit`).

#pragma once

#include <cstdint>
#include <optional>

namespace sluice {

/// Batches, and the URLs in them.
struct batch_sums {
  uint64_t batches = 0;
  uint64_t urls = 0;
};

/// What of a job's batches costs credits, or may.
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

  /// How many of `urls` URLs one more run may have. As much as the rest of the
  /// budget pays for where a run costs by its URLs, else all or none.
  [[nodiscard]] uint64_t
  fits(const spending& sums, uint64_t urls) const noexcept;

  /// The most that everything submitted so far may have cost in the end.
  [[nodiscard]] double committed(const spending& sums) const noexcept;

  /// The part of that which has been paid, as reported by ended runs.
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
