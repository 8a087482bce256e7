// A number with its noun, for people: "1 run", "2,000 runs".

#pragma once

#include "core/base/units.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

[[nodiscard]] inline std::string
counted(uint64_t number, std::string_view noun) {
  return human_count(number) + " " + std::string{noun}
         + (number == 1 ? "" : "s");
}

} // namespace sluice
