// The API's list of runs, read to find one whose submit was ambiguous.

#pragma once

#include "core/api_profile.hpp"
#include "core/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct listed_run {
  std::string id;
  std::optional<std::string> robot;             ///< when the list tells
  std::optional<std::vector<std::string>> urls; ///< when the list tells
};

/// Larger lists are refused: they are held in memory as a whole.
inline constexpr size_t max_run_list_bytes = 4 << 20;

/// The runs in `body`, in its order; entries without a usable id are left
/// out.
/// Errors: ec::bad_reply for a body that is too large or no such list.
[[nodiscard]] caf::expected<std::vector<listed_run>>
read_listed_runs(const find_dialect& dialect, std::string_view body);

} // namespace sluice
