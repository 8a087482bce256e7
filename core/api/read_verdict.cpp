#include "core/api/read_verdict.hpp"

#include "core/api/reply_reader.hpp"
#include "core/base/error.hpp"
#include "core/http/http_date.hpp"
#include "core/http/quota_headers.hpp"
#include "core/http/request_head.hpp"

#include <algorithm>

namespace sluice {

namespace {

bool is_success(int status) {
  return status >= 200 && status < 300;
}

read_outcome outcome_of_status(const api_profile& profile, int status) {
  const auto& not_ready = profile.results.not_ready;
  if (std::find(not_ready.begin(), not_ready.end(), status) != not_ready.end())
    return read_outcome::not_ready;
  if (is_success(status))
    return read_outcome::ok;
  switch (status) {
    case 429:
      return read_outcome::rate_limited;
    case 401:
      return read_outcome::stop_job;
    case 408: // the server gave up on an idle connection
    case 425: // too early
      return read_outcome::retry;
    default:
      return status >= 400 && status < 500 ? read_outcome::gone
                                           : read_outcome::retry;
  }
}

/// A run is gone only if the API itself says so: a proxy's error page, or its
/// 407, says nothing about the run.
read_outcome
outcome_of_complete(read_outcome by_status, int status, bool has_own_words) {
  auto is_gone = by_status == read_outcome::gone;
  return is_gone && (status == 407 || !has_own_words) ? read_outcome::retry
                                                      : by_status;
}

read_outcome outcome_of(const http_reply& reply, read_outcome by_status,
                        bool has_own_words) {
  switch (reply.outcome) {
    case transport_outcome::complete:
      return outcome_of_complete(by_status, reply.status, has_own_words);
    case transport_outcome::too_large:
      // A page will not shrink, but an error page may.
      return is_success(reply.status) ? read_outcome::too_large
                                      : read_outcome::retry;
    case transport_outcome::not_sent:
    case transport_outcome::broken:
      break;
  }
  return read_outcome::retry;
}

std::string message_of(const api_profile& profile, const http_reply& reply,
                       const std::optional<std::string>& own_words) {
  auto text = describe(reply, own_words);
  if (reply.outcome == transport_outcome::too_large)
    return text + "; raise api.max_body";
  if (reply.status == 401)
    return text
           + (profile.auth.in == auth_scheme::place::none
                ? "; the profile sends no key: check its auth.in"
                : "; check api.key");
  if (reply.status >= 300 && reply.status < 400)
    return text + " (a redirect, which is not followed); check api.base_url";
  return text;
}

/// True if the failure of a request to another server is temporary, so that a
/// repeat may succeed. A 429 counts as temporary, since it has nothing to do
/// with the API's limit.
bool is_passing_elsewhere(const http_reply& reply) {
  switch (reply.outcome) {
    case transport_outcome::complete:
    case transport_outcome::too_large:
      return reply.status >= 500 || reply.status == 408 || reply.status == 425
             || reply.status == 429;
    case transport_outcome::not_sent:
      return !reply.hopeless || reply.hopeless_after > duration::zero();
    case transport_outcome::broken:
      break;
  }
  return true;
}

read_outcome outcome_elsewhere(const http_reply& reply, read_outcome outcome) {
  if (reply.outcome == transport_outcome::complete && is_success(reply.status))
    return outcome;
  return is_passing_elsewhere(reply) ? read_outcome::retry
                                     : read_outcome::unreadable;
}

std::string message_elsewhere(const api_profile& profile,
                              const http_reply& reply,
                              const http_origin& server) {
  std::optional<std::string> words;
  if (reply.outcome == transport_outcome::complete)
    words = error_message(profile, reply.body);
  auto address = (server.tls ? "https://" : "http://")
                 + authority_of(server.host, server.port);
  auto redirect = reply.status >= 300 && reply.status < 400
                    ? " (a redirect, which is not followed)"
                    : "";
  auto too_large =
    reply.outcome == transport_outcome::too_large ? "; raise api.max_body" : "";
  return describe(reply, words) + redirect + too_large
         + "; the API's link to the next page leads to "
         + printable(address, 100)
         + ", a server other than its own, so the key is not sent";
}

} // namespace

read_verdict judge_read(const api_profile& profile, const http_reply& reply) {
  read_verdict result;
  static_cast<reply_facts&>(result) = facts_of(profile, reply);
  auto by_status = outcome_of_status(profile, reply.status);
  std::optional<std::string> own_words;
  if (reply.outcome == transport_outcome::complete
      && by_status != read_outcome::ok)
    own_words = error_message(profile, reply.body);
  result.outcome = outcome_of(reply, by_status, own_words.has_value());
  result.clock_ahead = clock_ahead_of(reply);
  if (result.outcome != read_outcome::ok)
    result.message = message_of(profile, reply, own_words);
  return result;
}

read_verdict judge_read_elsewhere(const api_profile& profile,
                                  const http_reply& reply,
                                  const http_origin& server) {
  auto result = judge_read(profile, reply);
  result.outcome = outcome_elsewhere(reply, result.outcome);
  result.quota.reset();
  result.hopeless = false;
  result.elsewhere = true;
  if (result.outcome != read_outcome::ok)
    result.message = message_elsewhere(profile, reply, server);
  return result;
}

caf::error all_too_large(const std::string& reason) {
  return make_error(ec::api_refused,
                    "the replies for several runs in a row are too large, so "
                    "the job stops before it pays for more; the last one: "
                      + reason + ", then run the job again");
}

} // namespace sluice
