// Where a job's time went, for people: the end of the account, and all that
// `sluice why` prints.

#pragma once

#include "core/model/bottleneck.hpp"

#include <string>

namespace sluice {

/// A table of what bounded the job, the most first, in per cent that add up
/// to 100; empty when no time was spent yet.
[[nodiscard]] std::string why_text(const time_spent& spent);

} // namespace sluice
