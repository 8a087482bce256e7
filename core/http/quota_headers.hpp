// What a reply says of the server's quotas, in the forms that are in use:
//
//   RateLimit: "minute";r=12;t=3, "day";r=4000;t=51000     IETF draft
//   RateLimit: limit=30, remaining=12, reset=3             an older one
//   RateLimit-Remaining: 12  RateLimit-Reset: 3            older ones
//   X-RateLimit-Remaining: 12  X-RateLimit-Reset: 3        custom
//
// A reset is in seconds from now, or an instant (in seconds or milliseconds
// since 1970, which no wait comes near), then relative to when the reply left
// (`sent_at`). What makes no sense is as if absent.
//
// Nothing names the quota that our token bucket stands for, and a reply may
// speak of others: of a day's, of another resource's. So what is said can make
// us send less, never more; and of a reply that was not a 429 only a quota
// counts that is restored within a minute, the period of our own limit.
// Whatever else a server says costs at most tokens, and never stops a job for
// longer than that minute.

#pragma once

#include "core/http/http_message.hpp"
#include "core/model/quota.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace sluice {

/// The quota that ends first, of those that may be our bucket. Pure.
[[nodiscard]] std::optional<quota_left> left_of_quota(const http_reply& reply);

/// For a 429: until the quotas with nothing left are restored. A quota of
/// which something is left did not cause it. Not clamped. Pure.
[[nodiscard]] std::optional<std::chrono::milliseconds>
exhausted_for(const http_reply& reply);

} // namespace sluice
