// The API's list of runs, read to find one whose submit was ambiguous.

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

/// Larger lists are refused: what is known of their runs is held in memory.
inline constexpr size_t max_run_list_bytes = 4 << 20;
inline constexpr size_t max_listed_runs = 10'000;

/// The runs in `body`, in its order; entries without a usable id are left
/// out.
/// Errors: ec::bad_reply for a body that is too large or no such list.
[[nodiscard]] caf::expected<std::vector<listed_run>>
read_listed_runs(const find_dialect& dialect, std::string_view body);

} // namespace sluice
