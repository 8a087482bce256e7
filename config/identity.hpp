// What must stay the same for a job to be continued. The ledger stores it; each
// start and `resolve` compare it with the config's, and relocate.hpp replaces
// it.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/job_binding.hpp"

#include <span>
#include <string>

namespace sluice {

/// The robots, the profile, the base URL, each sink with the values that decide
/// where its captures go, and the ledger's folder. Contains no secret.
[[nodiscard]] job_binding
identity_of(const settings& config, std::span<const config::sink_spec> specs);

/// How captures are written, but not where: a sink's entry in an identity,
/// without its paths and addresses.
[[nodiscard]] std::string
form_of(const std::string& entry, std::span<const config::sink_spec> specs);

} // namespace sluice
