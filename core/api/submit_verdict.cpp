#include "core/api/submit_verdict.hpp"

#include "core/api/reply_reader.hpp"
#include "core/base/contains.hpp"
#include "core/base/error.hpp"
#include "core/base/json_picker.hpp"
#include "core/model/run.hpp"

#include <string_view>
#include <utility>

namespace sluice {

namespace {

submit_verdict verdict(submit_action action, std::string message) {
  submit_verdict result;
  result.action = action;
  result.message = std::move(message);
  return result;
}

submit_verdict hold(const std::string& what) {
  return verdict(submit_action::hold, what);
}

/// What is wrong with an id that `is_run_id` refuses.
std::string defect_of_id(const std::string& id) {
  return holds_key(id)
           ? "that contains the API key"
           : "longer than " + std::to_string(longest_run_id) + " bytes";
}

/// A 2xx proves that a run exists only if it has an id, but then even if the
/// profile does not list this status.
submit_verdict
judge_success(const api_profile& profile, const http_reply& reply) {
  auto status = "HTTP " + std::to_string(reply.status);
  json_picker picker{{json_want::id, profile.submit.id, longest_run_id}};
  auto picks = picker.pick(reply.body);
  if (!picks)
    return hold(
      status + " with a body that cannot be read: " + what_of(picks.error()));
  auto& id = picks->front();
  if (!id.found)
    return hold(status + " without a run id");
  if (!is_run_id(id.text))
    return hold(status + " with a run id " + defect_of_id(id.text));
  auto result = verdict(submit_action::accepted, {});
  result.run_id = std::move(id.text);
  return result;
}

/// 303 means that the POST was performed and its result is elsewhere; the other
/// redirects mean that it was not performed.
submit_verdict
judge_redirect(const std::string& what, const http_reply& reply) {
  if (reply.status == 303)
    return hold(what);
  auto to = reply.header("location");
  auto where = to ? "to " + printable(*to) : "elsewhere";
  return verdict(submit_action::stop_job,
                 "HTTP " + std::to_string(reply.status) + ": the API redirects "
                   + where + "; set api.base_url to the new address");
}

std::string_view hint_for(int status) {
  switch (status) {
    case 401:
      return "; check api.key";
    case 403:
      return "; check that api.key may use this robot";
    case 404:
      return "; check runs.robot and api.base_url";
    case 405:
      return "; check api.base_url and api.profile";
    default:
      return "; check the robot and the profile";
  }
}

submit_verdict judge_refusal(const std::string& what, int status) {
  switch (status) {
    case 400:
    case 422:
      return verdict(submit_action::narrow, what);
    case 413:
      return verdict(submit_action::too_large, what);
    case 402:
      return verdict(submit_action::no_credits, what);
    default:
      return verdict(submit_action::stop_job,
                     what + std::string{hint_for(status)});
  }
}

submit_verdict
judge_status(const api_profile& profile, const http_reply& reply) {
  auto status = reply.status;
  if (status >= 200 && status < 300)
    return judge_success(profile, reply);
  auto message = error_message(profile, reply.body);
  auto what = describe(reply, message);
  if (status == 429)
    return verdict(submit_action::replan, what);
  auto definite = message.has_value();
  if (definite && contains(profile.submit.safe, status))
    return verdict(submit_action::replan, what);
  if (status >= 300 && status < 400)
    return judge_redirect(what, reply);
  if (definite && status >= 400 && status < 500)
    return judge_refusal(what, status);
  return hold(what);
}

submit_verdict
judge_outcome(const api_profile& profile, const http_reply& reply) {
  switch (reply.outcome) {
    case transport_outcome::complete:
      return judge_status(profile, reply);
    case transport_outcome::not_sent: {
      auto result = verdict(submit_action::replan, describe(reply, {}));
      result.not_sent = true;
      return result;
    }
    case transport_outcome::broken:
    case transport_outcome::too_large:
      break;
  }
  return hold(describe(reply, {}));
}

} // namespace

submit_verdict
judge_submit(const api_profile& profile, const http_reply& reply) {
  auto result = judge_outcome(profile, reply);
  static_cast<reply_facts&>(result) = facts_of(profile, reply);
  return result;
}

} // namespace sluice
