// Finds the runs that the API lists and that belong to no batch, for a user who
// must decide what happens to held batches.

#pragma once

#include "config/settings.hpp"
#include "core/flow/run_match.hpp"
#include "core/ledger/decision_store.hpp"

namespace sluice {

/// Asks the API for its list of runs, and for the captures of those runs that
/// `run_match` names. REQUIRES: the profile has `find`. Errors: the ledger's,
/// the key's, ec::interrupted; ec::unavailable when the list cannot be read.
[[nodiscard]] caf::expected<run_match>
find_candidates(decision_store& store, const api_settings& api);

} // namespace sluice
