// Promise 1, "never pay twice", as a table: what a reply to a submit proves,
// and so what may be done next.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/http/http_message.hpp"

#include <chrono>
#include <string>

namespace sluice {

enum class submit_action {
  accepted,   ///< a run exists; its id is known
  replan,     ///< nothing was created: submit again after the backoff
  halve,      ///< the batch is bad: halve it until the bad URL stands alone
  too_large,  ///< halve it, but one URL alone is then rejected, not wrong
  stop_job,   ///< wrong key, robot or address: no submit can succeed
  no_credits, ///< stop submitting, finish what runs
  hold,       ///< nobody knows whether a run exists: never again by itself
};

struct submit_verdict {
  submit_action action = submit_action::hold;
  std::string run_id;        ///< when accepted
  std::string message;       ///< the API's or the transport's words, printable
  bool not_sent = false;     ///< nothing answered: no byte of it left
  bool rate_limited = false; ///< a 429: the bucket, not this batch, must wait
  bool changed = false;      ///< `not_sent`, for it is not its ticket's request
  int status = 0;            ///< the HTTP status, 0 without one
};

/// Judges `reply` by the table in the manual ("guarantees"). A status counts
/// as definite only with the API's own error body, except 429, which always
/// is. Pure.
[[nodiscard]] submit_verdict
judge_submit(const api_profile& profile, const http_reply& reply);

} // namespace sluice
