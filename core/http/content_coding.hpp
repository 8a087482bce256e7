// Undoes the Content-Encoding of a reply's body (RFC 9110 8.4). gzip is the
// only coding that sluice asks for.

#pragma once

#include "core/http/reply_framing.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// True if Content-Encoding is gzip (or x-gzip). Bodies with any other coding
/// are left as they are.
[[nodiscard]] bool is_gzip(const reply_head& head);

enum class unpacking { done, too_large, damaged };

/// Replaces `body`, one or more gzip members (RFC 1952 2.2), with its content,
/// at most `most` bytes. Zeros after the last member are padding. Anything else
/// there is damage, and so is a truncated member. If the result is not `done`,
/// `body` is unchanged.
[[nodiscard]] unpacking unpack_gzip(std::string& body, size_t most);

} // namespace sluice
