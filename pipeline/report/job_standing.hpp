// How far along a job is, and what it has bought but not delivered. Printed
// when a job is continued or left (continuing.hpp), and for each ledger
// (ledger_shelf.hpp).

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger_reader.hpp"
#include "core/model/account.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// When the job began and how far along it is.
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

/// Errors: the ledger's; the same for the next function.
[[nodiscard]] caf::expected<standing> standing_of(ledger_reader& store);

/// A line for each kind of run and batch that a job leaves behind, with their
/// credits; empty if there is nothing.
[[nodiscard]] caf::expected<std::string>
left_behind(ledger_reader& store, const settings& config);

/// "run_1, run_2 and 7 more": `texts` are the first of `all`.
[[nodiscard]] std::string first_of(const std::vector<std::string>& texts,
                                   uint64_t all, const char* between);

} // namespace sluice
