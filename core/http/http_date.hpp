// Reads the dates and times in a reply's headers.

#pragma once

#include "core/http/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Reads any date form of RFC 9110, 5.6.7, as seconds since the epoch:
///
///     Sun, 06 Nov 1994 08:49:37 GMT    the preferred one
///     Sunday, 06-Nov-94 08:49:37 GMT   of RFC 850
///     Sun Nov  6 08:49:37 1994         of asctime()
///
/// `now`, in the same unit, decides the century of a two-digit year: the date
/// is at most 50 years ahead.
[[nodiscard]] std::optional<int64_t>
read_http_date(const std::string& text, int64_t now);

/// When the server sent `reply`, in seconds since the epoch: its Date header,
/// so that the clocks need not agree; without a usable one, when it arrived, by
/// our clock.
[[nodiscard]] int64_t sent_at(const http_reply& reply);

/// How far this machine's clock is ahead of the server's; negative if behind.
/// Allows for the duration of the exchange and the rounding of Date to seconds.
/// nullopt if the reply has no usable Date, or one set by a cache.
[[nodiscard]] std::optional<std::chrono::seconds>
clock_ahead_of(const http_reply& reply);

/// Reads a decimal number such as "2" or "2.5" in thousandths, rounded up; too
/// large a number saturates. nullopt for anything else.
[[nodiscard]] std::optional<uint64_t> read_thousandths(std::string_view text);

/// Reads the wait in a header: a date or a number of seconds, which may have a
/// fraction (not in RFC 9110, but some servers send one). At most `longest`;
/// nullopt for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds>
read_wait(const std::string& text, const http_reply& reply,
          std::chrono::milliseconds longest);

} // namespace sluice
