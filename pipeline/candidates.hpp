// The runs that the API lists and no batch has, for a user who has to decide
// about held batches.

#pragma once

#include "config/settings.hpp"
#include "core/flow/run_match.hpp"
#include "core/ledger/decision_store.hpp"

#include <string>
#include <vector>

namespace sluice {

struct candidates {
  run_match match;
  /// Runs that list no URLs and have no captures so far: any batch's.
  std::vector<std::string> unknown;
};

/// Asks the API. Looks at the captures of at most 20 runs, each of which costs
/// a request. REQUIRES: the profile has `find`. Errors: the ledger's, the
/// key's, ec::interrupted; ec::unavailable when the list cannot be read.
[[nodiscard]] caf::expected<candidates>
find_candidates(decision_store& store, const api_settings& api);

} // namespace sluice
