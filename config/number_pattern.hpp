// Regular expressions for numbers within bounds. The JSON Schema needs them for
// numbers written as text: "30", 90s, 64KiB.

#pragma once

#include <cstdint>
#include <string>

namespace sluice::config {

/// An ECMA-262 expression, without anchors, that matches the whole numbers from
/// `least` to `most` in decimal digits; leading zeros are allowed.
/// REQUIRES: 0 <= least <= most.
[[nodiscard]] std::string number_pattern(int64_t least, int64_t most);

} // namespace sluice::config
