// Reads the body of a status reply into a run_status. Pure.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/model/run.hpp"

#include <string_view>

namespace sluice {

/// Counters that are absent, negative or not whole numbers stay unset. Errors:
/// ec::bad_reply if the body is not JSON or has no `state`.
[[nodiscard]] caf::expected<run_status>
read_run_status(const status_dialect& dialect, std::string_view body);

} // namespace sluice
