// How far a job is, and what it has bought and not brought back: as one says it
// of a job that goes on, or is left.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"
#include "core/model/account.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// When the job began and how far it is.
struct standing {
  int64_t begun_ms = 0;
  account numbers;

  [[nodiscard]] uint64_t urls() const {
    return numbers.total() - numbers.invalid - numbers.duplicate;
  }

  [[nodiscard]] uint64_t done() const {
    return urls() - numbers.pending - numbers.held - numbers.set_aside;
  }

  /// "it began on 2026-11-30 at 01:28 UTC, and 120 of 400 URLs are done"
  [[nodiscard]] std::string text() const;
};

/// Errors: the ledger's, as the next.
[[nodiscard]] caf::expected<standing> standing_of(ledger& store);

/// A line for each kind of runs and batches that a job leaves behind, with
/// their credits; empty when there is nothing.
[[nodiscard]] caf::expected<std::string>
left_behind(ledger& store, const settings& config);

/// "run_1, run_2 and 7 more": `texts` are the first of `all`.
[[nodiscard]] std::string first_of(const std::vector<std::string>& texts,
                                   uint64_t all, const char* between);

} // namespace sluice
