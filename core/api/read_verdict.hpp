// Judges the reply to a read (a run's status, a page of captures). Reads can be
// repeated, so nothing here affects money.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/api/reply_facts.hpp"
#include "core/base/error.hpp"
#include "core/http/http_message.hpp"
#include "core/http/http_url.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace sluice {

/// The result of a read.
enum class read_outcome {
  ok,
  rate_limited, ///< 429: the bucket must wait, then retry
  retry,        ///< 5xx, network: retry with backoff
  unreadable,   ///< a complete 2xx reply that does not fit the profile
  gone,         ///< 402, 403, 404, 410 and the like, for this run
  not_ready,    ///< a status of `results.not_ready`
  too_large,    ///< a 2xx reply above `max_body`, which will not shrink
  stop_job,     ///< no read can succeed until the user acts: wrong key, a
                ///< profile that cannot fetch captures
};

struct read_verdict : reply_facts {
  read_outcome outcome = read_outcome::retry;
  /// Printable. Set unless ok; for a download that is ok, says which lines were
  /// skipped.
  std::string message;
  /// See `clock_ahead_of`.
  std::optional<std::chrono::seconds> clock_ahead{};
};

/// Judges `reply`. ok only means that there is a body to read. Pure.
[[nodiscard]] read_verdict
judge_read(const api_profile& profile, const http_reply& reply);

/// Judges a reply of `server`, which is not the API's own: it did not get the
/// key, and its reply says nothing about the API. Pure.
[[nodiscard]] read_verdict judge_read_elsewhere(const api_profile& profile,
                                                const http_reply& reply,
                                                const http_origin& server);

/// Ends a job because the replies for run after run are too large. `reason` is
/// that of the last reply, with its remedy.
[[nodiscard]] caf::error all_too_large(const std::string& reason);

} // namespace sluice
