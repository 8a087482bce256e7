// Whether the API knows a run that somebody names.

#pragma once

#include "config/settings.hpp"
#include "core/base/error.hpp"

#include <string>

namespace sluice {

/// The API must know the run: a wrong id would never end. One request. Errors:
/// ec::usage when it does not; ec::api_refused, ec::unavailable and the key's
/// when it cannot be asked.
[[nodiscard]] caf::error
check_run(const api_settings& api, const std::string& run_id);

} // namespace sluice
