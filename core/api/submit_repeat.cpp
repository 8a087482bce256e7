#include "core/api/submit_repeat.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// True if the reply to a repeat says nothing about the first try: the request
/// did not get through, is still in progress (409), or failed again.
bool tells_nothing(const submit_verdict& verdict) {
  return verdict.action == submit_action::hold || verdict.not_sent
         || verdict.status == 409 || verdict.rate_limited()
         || verdict.status >= 500;
}

} // namespace

bool submit_repeat::is_valid(const key_age& age) const noexcept {
  return age.wall >= ms{0}
         && std::max(age.wall, age.steady) < valid_for_ - margin_;
}

repeat_decision submit_repeat::after(const submit_verdict& verdict,
                                     bool ambiguous, const key_age& age) const {
  if (verdict.changed)
    return {repeat_action::hold, verdict.message};
  if (verdict.action == submit_action::accepted)
    return {repeat_action::accept, {}};
  if (!ambiguous && verdict.action != submit_action::hold)
    return {repeat_action::as_usual, {}};
  if (!tells_nothing(verdict))
    return {repeat_action::hold,
            verdict.message
              + " (in answer to a repeat: an earlier try may have created a "
                "run)"};
  if (!is_valid(age))
    return {repeat_action::hold, verdict.message + "; " + expired()};
  return {repeat_action::repeat, {}};
}

std::string submit_repeat::expired() {
  return "it is no longer repeated: the API may have forgotten its "
         "idempotency key (submit.idempotency.valid_for)";
}

} // namespace sluice
