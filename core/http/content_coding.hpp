// Undoes the Content-Encoding of a reply's body (RFC 9110 8.4). gzip is the
// only coding that sluice asks for.

#pragma once

#include "core/http/reply_framing.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// The body is one gzip stream. False also for codings that were not asked
/// for: such a body stays as it came.
[[nodiscard]] bool is_gzip(const reply_head& head);

enum class unpacking { done, too_large, damaged };

/// Replaces `body`, one or more gzip members (RFC 1952 2.2), by its content,
/// of at most `most` bytes. Zeros after the last member are padding; anything
/// else there, and a member that is cut short, is damage. `body` is left alone
/// when it is too large or damaged.
[[nodiscard]] unpacking unpack_gzip(std::string& body, size_t most);

} // namespace sluice
