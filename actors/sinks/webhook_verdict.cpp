#include "actors/sinks/webhook_verdict.hpp"

#include "core/base/error.hpp"
#include "core/http/http_date.hpp"

namespace sluice {

namespace {

using std::chrono::milliseconds;

milliseconds wait_asked_for(const http_reply& reply) {
  auto text = reply.header("retry-after");
  auto wait =
    text ? read_wait(*text, reply, longest_webhook_wait) : std::nullopt;
  return wait.value_or(milliseconds{0});
}

std::string answer(const http_reply& reply) {
  auto text = "answered " + std::to_string(reply.status);
  auto said = printable(reply.body, 200);
  return said.empty() ? text : text + ": " + said;
}

webhook_action action_for(int status) {
  if (status >= 200 && status < 300)
    return webhook_action::delivered;
  if (status == 400 || status == 413 || status == 422)
    return webhook_action::halve;
  if (status == 408 || status == 425 || status == 429 || status >= 500)
    return webhook_action::retry;
  return webhook_action::stop;
}

std::string hint_for(int status) {
  if (status >= 300 && status < 400)
    return "Redirects are not followed: put the final address under 'url'.";
  switch (status) {
    case 401:
    case 403:
    case 407:
      return "Check the credentials under 'headers' and the 'secret'.";
    case 404:
    case 405:
    case 410:
      return "Check the address under 'url'.";
    default:
      return "Check the address under 'url' and what the receiver expects.";
  }
}

} // namespace

webhook_verdict judge_webhook(const http_reply& reply) {
  webhook_verdict verdict;
  switch (reply.outcome) {
    case transport_outcome::not_sent:
      verdict.message = "cannot be reached: " + printable(reply.detail);
      return verdict;
    case transport_outcome::broken:
      verdict.message = "did not answer in full: " + printable(reply.detail);
      return verdict;
    case transport_outcome::complete:
    case transport_outcome::too_large: // only the status matters
      break;
  }
  verdict.action = action_for(reply.status);
  verdict.message = answer(reply);
  if (verdict.action == webhook_action::retry)
    verdict.wait = wait_asked_for(reply);
  if (verdict.action == webhook_action::stop)
    verdict.hint = hint_for(reply.status);
  return verdict;
}

} // namespace sluice
