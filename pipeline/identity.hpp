// What must stay the same for a job to be continued.

#pragma once

#include "config/settings.hpp"
#include "core/ledger.hpp"

#include <span>

namespace sluice {

/// The robots, the profile, the base URL, and each sink with the values that
/// decide where its captures go. No secret is among them.
[[nodiscard]] job_identity
identity_of(const settings& config, std::span<const config::sink_spec> specs);

} // namespace sluice
