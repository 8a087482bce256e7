// Checks a job's secrets before the job begins.

#pragma once

#include "config/finding.hpp"
#include "config/settings.hpp"

#include <vector>

namespace sluice::config {

/// Resolves every secret that the job's keys name. Returns a finding for each
/// that is missing, empty or unreadable. No finding shows a value.
[[nodiscard]] std::vector<finding> unusable_secrets(const settings& job);

} // namespace sluice::config
