#include "pipeline/online/api_probes.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;
using enum probe_state;

namespace {

api_profile profile() {
  api_profile out;
  out.base = "https://api.test";
  out.error = {"/message"};
  return out;
}

/// What the API's reply comes to, with an error body of its own words or of a
/// proxy's.
read_verdict verdict_of(int status, const char* body = R"({"message":"no"})") {
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  reply.status = status;
  reply.body = body;
  return judge_read(profile(), reply);
}

run_list_reply list_of(std::vector<listed_run> runs) {
  run_list_reply reply;
  reply.verdict.outcome = read_outcome::ok;
  reply.runs = std::move(runs);
  return reply;
}

} // namespace

TEST_CASE("a key is good when the API answers about a run that is not there") {
  for (auto status : {200, 400, 404, 422})
    CHECK(key_result(profile(), verdict_of(status)).state == ok);
  // Not a word of the API: it may be anybody's.
  CHECK(key_result(profile(), verdict_of(404, "<html>")).state == failure);
}

TEST_CASE("a key that the API refuses, or that is out of credits, is a "
          "failure") {
  auto refused = key_result(profile(), verdict_of(401));
  CHECK(refused.state == failure);
  CHECK_THAT(refused.text, Catch::Contains("check api.key"));
  CHECK(key_result(profile(), verdict_of(403)).state == failure);
  auto poor = key_result(profile(), verdict_of(402));
  CHECK(poor.state == failure);
  CHECK_THAT(poor.text, Catch::Contains("top up"));
}

TEST_CASE("a key is not judged by an API that is down or asks to wait") {
  CHECK(key_result(profile(), verdict_of(429)).state == warning);
  CHECK(key_result(profile(), verdict_of(500)).state == failure);
  http_reply nothing;
  nothing.outcome = transport_outcome::not_sent;
  nothing.detail = "no connection to api.test:443";
  auto unreached = key_result(profile(), judge_read(profile(), nothing));
  CHECK(unreached.state == failure);
  CHECK_THAT(unreached.text, Catch::Contains("api.test:443")
                               && Catch::Contains("api.base_url"));
}

TEST_CASE("an API that needs no key is said to answer") {
  auto open = profile();
  open.auth.in = auth_scheme::place::none;
  CHECK_THAT(key_result(open, verdict_of(404)).text,
             Catch::Contains("sends no key"));
}

TEST_CASE("a robot is known by its runs, and unknown in the API's words") {
  CHECK(robot_result("rbt", list_of({{"1", "rbt", {}}})).state == ok);
  CHECK(robot_result("rbt", list_of({{"1", "other", {}}})).state == warning);
  CHECK(robot_result("rbt", list_of({})).state == warning);
  run_list_reply unknown;
  unknown.verdict = verdict_of(404);
  CHECK(robot_result("rbt", unknown).state == failure);
  unknown.verdict = verdict_of(500);
  CHECK(robot_result("rbt", unknown).state == warning);
  CHECK(robot_cannot_be_told().state == warning);
}

TEST_CASE("a clock may be half a minute wrong") {
  CHECK(clock_result(0s).state == ok);
  CHECK(clock_result(-30s).state == ok);
  CHECK(clock_result(30s).state == ok);
  CHECK_THAT(clock_result(31s).text, Catch::Contains("31.0 s ahead of"));
  CHECK(clock_result(31s).state == warning);
  CHECK(clock_result(-31s).state == warning);
  CHECK_THAT(clock_result(-3600s).text, Catch::Contains("behind"));
  CHECK(clock_result(std::nullopt).state == warning);
}
