// Times in captures, as RFC 3339 text in the years 0001 to 9999 with at most
// nine digits after the second's point. No digit is lost or rounded.

#pragma once

#include "core/select/column.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// Checks an RFC 3339 time, its calendar day included. The 60th second is
/// allowed where UTC has it, at 23:59:60. Returns `text`, or its copy in
/// `scratch` if it has a small `t` or `z`, which become capitals; empty if it
/// is not such a time.
[[nodiscard]] std::string_view
time_of_text(std::string_view text, std::string& scratch);

/// The time that is `number` units after the beginning of 1970, in UTC and
/// without zeros at the end of its fraction. A view of `scratch`; empty if the
/// time has more digits or another year than the above.
/// REQUIRES: `number` is a JSON number.
[[nodiscard]] std::string_view
time_of_number(std::string_view number, time_unit unit, std::string& scratch);

} // namespace sluice
