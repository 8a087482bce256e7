// `sluice check --online`: whether a job would run on this machine, at this
// API and with these receivers. Nothing is bought, delivered or created; the
// requests to the API are on tokens of the rate limit that all processes with
// the key share.

#pragma once

#include "config/settings.hpp"
#include "pipeline/online/probe_run.hpp"

#include <vector>

namespace sluice {

/// All probes of the job, in the order in which they are shown. They keep what
/// they need of `config`.
[[nodiscard]] std::vector<probe_task> online_probes(const settings& config);

} // namespace sluice
