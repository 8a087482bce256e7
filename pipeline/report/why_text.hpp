// Where a job's time went, for people: the end of the account, and all that
// `sluice why` prints.

#pragma once

#include "core/flow/fair_turns.hpp"
#include "core/model/bottleneck.hpp"

#include <string>
#include <vector>

namespace sluice {

/// A table of what limited the job, largest share first, in percentages that
/// add up to 100; empty if no time was spent yet.
[[nodiscard]] std::string why_text(const time_spent& spent);

/// The jobs that share the rate limit, one per line; empty if there are none.
[[nodiscard]] std::string others_text(const std::vector<sharing_job>& others);

} // namespace sluice
