// The times in a reply's headers.

#pragma once

#include "core/http/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Any form of RFC 9110, 5.6.7, as seconds since the epoch:
///
///     Sun, 06 Nov 1994 08:49:37 GMT    the preferred one
///     Sunday, 06-Nov-94 08:49:37 GMT   of RFC 850
///     Sun Nov  6 08:49:37 1994         of asctime()
///
/// `now`, in the same unit, decides the century of two digits: the date is at
/// most 50 years ahead.
[[nodiscard]] std::optional<int64_t>
read_http_date(const std::string& text, int64_t now);

/// When `reply` left, in seconds since the epoch: its Date header, so that the
/// clocks need not agree; without a usable one, when it came, by our own.
[[nodiscard]] int64_t sent_at(const http_reply& reply);

/// How far this machine's clock is ahead of the server's; negative: behind.
/// The time that the reply took, and the second that a Date header is rounded
/// to, do not count as a difference. nullopt: the reply has no usable Date, or
/// a cache's.
[[nodiscard]] std::optional<std::chrono::seconds>
clock_ahead_of(const http_reply& reply);

/// A decimal number such as "2" or "2.5", in thousandths, rounded up; what is
/// too large is the largest. nullopt: it is something else.
[[nodiscard]] std::optional<uint64_t> read_thousandths(std::string_view text);

/// The wait that a header's `text` asks for: seconds, also with a fraction
/// (which RFC 9110 does not have, but servers send), or a date. At most
/// `longest`; nullopt: it is neither.
[[nodiscard]] std::optional<std::chrono::milliseconds>
read_wait(const std::string& text, const http_reply& reply,
          std::chrono::milliseconds longest);

} // namespace sluice
