// Numbers the robots, so that a URL needs four bytes instead of a name during
// the import. `check --online` only needs their names.

#pragma once

#include "core/input/import.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice {

class robot_numbers {
public:
  /// `robots` must outlive this object.
  explicit robot_numbers(const robot_map& robots);

  /// The number of the URL's robot; nullopt if its host has none. REQUIRES:
  /// `url` has no defect.
  [[nodiscard]] std::optional<uint32_t> of(std::string_view url) const;

  /// Each robot once; the number is the index.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept {
    return names_;
  }

private:
  const robot_map& robots_;
  std::vector<std::string> names_;
  /// Keys point to the names in `robots_`.
  std::unordered_map<const std::string*, uint32_t> numbers_;
};

} // namespace sluice
