// UTF-8 validation and encoding, in one place (RFC 3629: no surrogates, nothing
// overlong, nothing above U+10FFFF).

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// Length in bytes of the well-formed sequence at the front of `text`, 1 to 4;
/// 0 if no such sequence is there.
[[nodiscard]] size_t utf8_sequence(std::string_view text) noexcept;

/// Bytes at the front of `text` that are well-formed: all of them if it is
/// UTF-8.
[[nodiscard]] size_t utf8_prefix(std::string_view text) noexcept;

/// Appends a code point. Does not check it: a lone surrogate gives three bytes
/// that are not well-formed.
void append_utf8(std::string& out, uint32_t point);

/// True for a sequence that is a C0 control, DEL or a C1 control.
/// REQUIRES: `sequence` is well-formed.
[[nodiscard]] bool is_control(std::string_view sequence) noexcept;

} // namespace sluice
