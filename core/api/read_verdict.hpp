// What a reply to a read (a run's status, a page of captures) comes to.
// Reads may be repeated, so nothing here is about money.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/base/time.hpp"
#include "core/http/http_message.hpp"
#include "core/http/http_url.hpp"
#include "core/model/quota.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace sluice {

/// What a read (status or page) came to.
enum class read_outcome {
  ok,
  rate_limited, ///< 429: the bucket must wait, then ask again
  retry,        ///< 5xx, network: again, with backoff
  unreadable,   ///< a whole 2xx reply that is not what the profile describes
  gone,         ///< 402, 403, 404, 410 and the like on this run
  not_ready,    ///< a status of `results.not_ready`
  stop_job,     ///< no read can succeed until someone acts: wrong key, a page
                ///< of the API above `max_body`, a profile that cannot fetch
                ///< captures
};

struct read_verdict {
  read_outcome outcome = read_outcome::retry;
  /// Printable, when not ok; of a download that is ok, which lines of it are
  /// left out.
  std::string message;
  int status = 0; ///< the HTTP status, 0 without one
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<quota_left> quota; ///< as the reply states it
  /// It did not leave, and will not until somebody acts; see http_reply.
  bool hopeless = false;
  duration hopeless_after{0}; ///< see http_reply
  /// Another server than the API's was asked, where a link of the API led.
  bool elsewhere = false;
  duration latency{0};
  /// See `clock_ahead_of`.
  std::optional<std::chrono::seconds> clock_ahead{};
};

/// Judges `reply`; ok says that there is a body to read, no more. Pure.
[[nodiscard]] read_verdict
judge_read(const api_profile& profile, const http_reply& reply);

/// Judges a reply of `server`, which is not the API's own: it was not sent the
/// key, and what it says is not the API's word, nor about the API. Pure.
[[nodiscard]] read_verdict judge_read_elsewhere(const api_profile& profile,
                                                const http_reply& reply,
                                                const http_origin& server);

} // namespace sluice
