// Robots by number, so that a URL carries four bytes instead of a name.

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
  /// `robots` must outlive this.
  explicit robot_numbers(const robot_map& robots);

  /// The number of the URL's robot; nullopt when its host has none.
  /// REQUIRES: `url` has no defect.
  [[nodiscard]] std::optional<uint32_t> of(std::string_view url) const;

  /// Each robot once, by number.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept {
    return names_;
  }

private:
  const robot_map& robots_;
  std::vector<std::string> names_;
  /// By the place of the name in `robots_`.
  std::unordered_map<const std::string*, uint32_t> numbers_;
};

} // namespace sluice
