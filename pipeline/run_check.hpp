// Checks whether the API knows a run: one that a user names to `resolve`, or
// one of a job that moves to another address (api_move.hpp).

#pragma once

#include "config/settings.hpp"
#include "core/base/error.hpp"

#include <string>

namespace sluice {

/// Checks that the API knows the run, because a run with a wrong id would never
/// end. Sends one request. Errors: ec::usage if the API does not know the run;
/// ec::api_refused, ec::unavailable and the key's if it cannot be asked.
[[nodiscard]] caf::error
check_run(const api_settings& api, const std::string& run_id);

} // namespace sluice
