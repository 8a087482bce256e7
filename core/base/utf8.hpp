// UTF-8 validation, in one place (RFC 3629: no surrogates, nothing overlong,
// nothing above U+10FFFF).

#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

/// Length in bytes of the well-formed sequence at the front of `text`, 1 to 4;
/// 0 if no such sequence is there.
[[nodiscard]] size_t utf8_sequence(std::string_view text) noexcept;

/// True for a sequence that is a C0 control, DEL or a C1 control.
/// REQUIRES: `sequence` is well-formed.
[[nodiscard]] bool is_control(std::string_view sequence) noexcept;

} // namespace sluice
