// Regular expressions for numbers within bounds, as the JSON Schema needs them
// where a number is written as text: "30", 90s, 64KiB.

#pragma once

#include <cstdint>
#include <string>

namespace sluice::config {

/// An expression of ECMA-262, without anchors, for the whole numbers from
/// `least` to `most` in decimal digits; zeros may lead.
/// REQUIRES: 0 <= least <= most.
[[nodiscard]] std::string number_pattern(int64_t least, int64_t most);

} // namespace sluice::config
