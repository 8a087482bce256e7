// What a reply to any request says besides its content: about the rate limit,
// and whether the API can be reached. The verdicts on submits and reads carry
// it to api_pool, which passes it on to rate_limiter.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/base/time.hpp"
#include "core/http/http_message.hpp"
#include "core/model/quota.hpp"

#include <chrono>
#include <optional>

namespace sluice {

struct reply_facts {
  int status = 0;      ///< the HTTP status; 0 without one
  duration latency{0}; ///< until the reply's headers; 0 without a reply
  /// The server's minimum wait, see `retry_hint`.
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<quota_left> quota; ///< as stated by the reply
  /// The request was not sent, and retrying is useless until the user acts; see
  /// http_reply.
  bool hopeless = false;
  duration hopeless_after{0}; ///< see http_reply
  /// The request went to another server, because a link from the API led there:
  /// this says nothing about the API's bucket.
  bool elsewhere = false;

  [[nodiscard]] bool answered() const noexcept { return status != 0; }

  /// A 429: the bucket must wait, whatever it means for the request.
  [[nodiscard]] bool rate_limited() const noexcept { return status == 429; }

  /// The minimum wait that the server asks for.
  [[nodiscard]] duration least_wait() const noexcept {
    return retry_after ? duration{*retry_after} : duration::zero();
  }
};

/// Pure.
[[nodiscard]] reply_facts
facts_of(const api_profile& profile, const http_reply& reply);

} // namespace sluice
