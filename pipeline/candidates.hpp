// Finds the runs that the API lists and no batch has, for a user who must
// decide about held batches.

#pragma once

#include "config/settings.hpp"
#include "core/flow/run_match.hpp"
#include "core/ledger/ledger.hpp"

#include <string>
#include <vector>

namespace sluice {

struct candidates {
  run_match match;
  /// Runs that list no URLs and have no captures so far; they may be any
  /// batch's.
  std::vector<std::string> unknown;
};

/// Asks the API. Reads the captures of at most 20 runs, at one request each.
/// REQUIRES: the profile has `find`. Errors: the ledger's, the key's,
/// ec::interrupted; ec::unavailable if the list cannot be read.
[[nodiscard]] caf::expected<candidates>
find_candidates(ledger& store, const api_settings& api);

} // namespace sluice
