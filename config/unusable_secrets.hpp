// Whether a job's secrets are there, before the job begins.

#pragma once

#include "config/finding.hpp"
#include "config/settings.hpp"

#include <vector>

namespace sluice::config {

/// Resolves every secret that the job's keys name; a finding for each that is
/// missing, empty or cannot be read. No finding shows a value.
[[nodiscard]] std::vector<finding> unusable_secrets(const settings& job);

} // namespace sluice::config
