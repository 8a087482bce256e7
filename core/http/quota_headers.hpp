// Reads the server's quotas from a reply, in all forms in use:
//
//   RateLimit: "minute";r=12;t=3, "day";r=4000;t=51000     IETF draft
//   RateLimit: limit=30, remaining=12, reset=3             an older one
//   RateLimit-Remaining: 12  RateLimit-Reset: 3            older ones
//   X-RateLimit-Remaining: 12  X-RateLimit-Reset: 3        custom
//
// A reset is in seconds from now, or an instant (in seconds or milliseconds
// since 1970; no real wait is that large), which counts from when the reply was
// sent (`sent_at`). Values that make no sense are ignored.
//
// No header says which quota our token bucket stands for, and a reply may
// describe others: a daily one, or another resource's. So headers can make us
// send less, never more. If the reply was not a 429, only a quota that is
// restored within a minute counts, since that is the period of our own limit.
// At worst, a header costs tokens; it never stops a job for longer than that
// minute.

#pragma once

#include "core/http/http_message.hpp"
#include "core/model/quota.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace sluice {

/// The quota that runs out first among those that may be our bucket. Pure.
[[nodiscard]] std::optional<quota_left> left_of_quota(const http_reply& reply);

/// For a 429: the time until the exhausted quotas are restored. A quota with
/// something left did not cause the 429. Not clamped. Pure.
[[nodiscard]] std::optional<std::chrono::milliseconds>
exhausted_for(const http_reply& reply);

} // namespace sluice
