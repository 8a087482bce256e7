// The built-in dialects, from config/profiles/*.yaml. The build generates the
// source. Other code should use config/load.hpp.

#pragma once

#include <string_view>
#include <vector>

namespace sluice::config {

struct built_in_profile {
  std::string_view name;
  std::string_view text; ///< YAML
};

/// In alphabetical order.
[[nodiscard]] const std::vector<built_in_profile>& built_in_table();

} // namespace sluice::config
