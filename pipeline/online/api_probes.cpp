#include "pipeline/online/api_probes.hpp"

#include "core/base/units.hpp"

#include <algorithm>

namespace sluice {

namespace {

using enum probe_state;

/// Whether the API itself says that it does not have what was requested. It may
/// send other refusals before it checks the key.
bool says_there_is_none(const read_verdict& verdict) {
  constexpr auto not_found = 404;
  constexpr auto gone = 410;
  return verdict.outcome == read_outcome::gone
         && (verdict.status == not_found || verdict.status == gone);
}

bool takes_key(const read_verdict& verdict) {
  return verdict.outcome == read_outcome::ok
         || verdict.outcome == read_outcome::not_ready
         || says_there_is_none(verdict);
}

probe_result cannot_tell(const read_verdict& verdict) {
  return {warning, "unknown: the API said " + verdict.message};
}

} // namespace

probe_result
key_result(const api_profile& profile, const read_verdict& verdict) {
  constexpr auto no_credits = 402;
  constexpr auto forbidden = 403;
  auto sends_key = profile.auth.in != auth_scheme::place::none;
  if (verdict.outcome == read_outcome::rate_limited)
    return {warning, "unknown: the API asks for fewer requests right now: "
                       + verdict.message + "; check again in a minute"};
  if (verdict.status == no_credits)
    return {failure, "the API accepts it, but " + verdict.message
                       + "; top up the credits"};
  if (verdict.status == forbidden)
    return {failure,
            verdict.message
              + "; check api.key, which must belong to this organisation"};
  if (verdict.outcome == read_outcome::unreadable)
    return {failure,
            verdict.message
              + "; the reply is not from this API; check api.base_url"};
  if (verdict.outcome == read_outcome::gone && !says_there_is_none(verdict))
    return cannot_tell(verdict);
  if (!takes_key(verdict))
    return {failure, verdict.message
                       + (verdict.status == 0 ? "; check api.base_url and the "
                                                "network"
                                              : "")};
  return {ok, sends_key ? "the API accepts it"
                        : "the API answers; the profile sends no key"};
}

bool lists_by_robot(const api_profile& profile) {
  return profile.find
         && profile.find->path.find("${robot}") != std::string::npos;
}

probe_result robot_result(const api_profile& profile, const std::string& robot,
                          const run_list_reply& reply) {
  auto& verdict = reply.verdict;
  if (says_there_is_none(verdict) && lists_by_robot(profile))
    return {failure, "the API does not have it: " + verdict.message
                       + "; check runs.robot"};
  if (verdict.outcome != read_outcome::ok)
    return cannot_tell(verdict);
  auto is_of_robot = [&](auto& run) { return run.robot == robot; };
  if (std::any_of(reply.runs.begin(), reply.runs.end(), is_of_robot))
    return {ok, "the API has runs of it"};
  return {warning, "unknown: the API lists no run of it yet; the first submit "
                   "will show if it exists"};
}

probe_result robot_cannot_be_told() {
  return {warning, "unknown: the profile has no `find`, which lists a robot's "
                   "runs; the first submit will show if the robot exists"};
}

probe_result clock_result(const std::optional<std::chrono::seconds>& ahead) {
  if (!ahead)
    return {warning, "unknown: the API's reply has no Date header"};
  auto difference = human_duration(std::chrono::abs(*ahead));
  if (std::chrono::abs(*ahead) > most_clock_skew)
    return {warning, "this machine's clock is " + difference
                       + (ahead->count() > 0 ? " ahead of" : " behind")
                       + " the API's; set it, or let NTP set it"};
  return {ok, ahead->count() == 0 ? "agrees with the API's"
                                  : "is " + difference + " from the API's"};
}

} // namespace sluice
