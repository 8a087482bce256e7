// Promise 1, "never pay twice", as a table: what a reply to a submit proves,
// and therefore what to do next.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/api/reply_facts.hpp"
#include "core/http/http_message.hpp"

#include <string>

namespace sluice {

enum class submit_action {
  accepted,   ///< a run exists; its id is known
  replan,     ///< nothing was created: resubmit after the backoff
  narrow,     ///< a URL is bad: search for it
  too_large,  ///< split, or reject a single URL; no sign of a wrong request
  stop_job,   ///< wrong key, robot or address: no submit can succeed
  no_credits, ///< stop submitting, finish the open runs
  hold,       ///< a run may exist: never resubmit automatically
};

struct submit_verdict : reply_facts {
  submit_action action = submit_action::hold;
  std::string run_id;  ///< when accepted
  std::string message; ///< the API's or the transport's explanation; printable
  bool not_sent = false; ///< no byte of the request was sent
  bool changed = false;  ///< not_sent because it no longer matches its ticket
};

/// Judges `reply` by the table in the manual ("guarantees"). A status is
/// definite only with the API's own error body; 429 always is. Pure.
[[nodiscard]] submit_verdict
judge_submit(const api_profile& profile, const http_reply& reply);

} // namespace sluice
