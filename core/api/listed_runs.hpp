// Reads the API's list of runs, to find one whose submit was ambiguous.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/base/error.hpp"
#include "core/model/run.hpp"
#include "core/model/url_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Larger lists are refused, since their runs are held in memory.
inline constexpr size_t max_run_list_bytes = 4 << 20;
inline constexpr size_t max_listed_runs = 10'000;

/// Returns the runs in `body`, in order; skips entries without a usable id.
/// Errors: ec::bad_reply if the body is too large or is not a list of runs.
[[nodiscard]] caf::expected<std::vector<listed_run>>
read_listed_runs(const find_dialect& dialect, std::string_view body);

} // namespace sluice
