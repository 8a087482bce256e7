// The first two columns of an account's lines: a name and a number. Shared with
// the lines about its rounds (rounds_text.hpp).

#pragma once

#include "core/base/units.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

inline constexpr size_t account_name_width = 12;
inline constexpr size_t account_number_width = 14;

/// "  captured             1,380  "
[[nodiscard]] inline std::string
account_row(std::string_view name, uint64_t number) {
  auto text = human_count(number);
  auto blanks = [](size_t width, size_t used) {
    return std::string(width - std::min(width, used), ' ');
  };
  return "  " + std::string{name} + blanks(account_name_width, name.size())
         + blanks(account_number_width, text.size()) + text + "  ";
}

} // namespace sluice
