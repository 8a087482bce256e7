#include "pipeline/online/api_probes.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;
using enum probe_state;

namespace {

api_profile probed_profile() {
  api_profile out;
  out.base = "https://api.test";
  out.error = {"/message"};
  return out;
}

/// A reply with an error body, by default in the API's own form.
http_reply reply_of(int status, const char* body = R"({"message":"no"})") {
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  reply.status = status;
  reply.body = body;
  return reply;
}

/// The verdict on the API's reply.
read_verdict verdict_of(int status, const char* body = R"({"message":"no"})") {
  return judge_read(probed_profile(), reply_of(status, body));
}

api_profile with_find(const std::string& path) {
  auto out = probed_profile();
  out.find.emplace();
  out.find->path = path;
  return out;
}

run_list_reply list_of(std::vector<listed_run> runs) {
  run_list_reply reply;
  reply.verdict.outcome = read_outcome::ok;
  reply.runs = std::move(runs);
  return reply;
}

} // namespace

TEST_CASE("a key is good if the API answers a request for a missing run") {
  for (auto status : {200, 404, 410})
    CHECK(key_result(probed_profile(), verdict_of(status)).state == ok);
  auto early = probed_profile();
  early.results.not_ready = {409};
  CHECK(key_result(early, judge_read(early, reply_of(409))).state == ok);
  // This is not the API's own error body, so it may come from any server.
  CHECK(key_result(probed_profile(), verdict_of(404, "<html>")).state
        == failure);
}

TEST_CASE(
  "a refusal that may precede the key check proves nothing about the key") {
  for (auto status : {400, 405, 415, 422, 451})
    CHECK(key_result(probed_profile(), verdict_of(status)).state == warning);
}

TEST_CASE("a page from another server does not show that a key is good") {
  auto verdict = verdict_of(200, "<html>");
  verdict.outcome = read_outcome::unreadable;
  verdict.message = "a reply without a status";
  auto result = key_result(probed_profile(), verdict);
  CHECK(result.state == failure);
  CHECK_THAT(result.text, Catch::Contains("check api.base_url"));
}

TEST_CASE("a key that the API refuses or that is out of credits is a failure") {
  auto refused = key_result(probed_profile(), verdict_of(401));
  CHECK(refused.state == failure);
  CHECK_THAT(refused.text, Catch::Contains("check api.key"));
  CHECK(key_result(probed_profile(), verdict_of(403)).state == failure);
  auto poor = key_result(probed_profile(), verdict_of(402));
  CHECK(poor.state == failure);
  CHECK_THAT(poor.text, Catch::Contains("top up"));
}

TEST_CASE("a key is not judged if the API is down or asks to wait") {
  CHECK(key_result(probed_profile(), verdict_of(429)).state == warning);
  CHECK(key_result(probed_profile(), verdict_of(500)).state == failure);
  http_reply nothing;
  nothing.outcome = transport_outcome::not_sent;
  nothing.detail = "no connection to api.test:443";
  auto unreached =
    key_result(probed_profile(), judge_read(probed_profile(), nothing));
  CHECK(unreached.state == failure);
  CHECK_THAT(unreached.text, Catch::Contains("api.test:443")
                               && Catch::Contains("api.base_url"));
}

TEST_CASE("an API without a key is reported to answer") {
  auto open = probed_profile();
  open.auth.in = auth_scheme::place::none;
  CHECK_THAT(key_result(open, verdict_of(404)).text,
             Catch::Contains("sends no key"));
}

TEST_CASE("a robot is known by its runs and unknown if the API says so") {
  auto by_robot = with_find("/robots/${robot}/runs");
  auto result_of = [&](const run_list_reply& reply) {
    return robot_result(by_robot, "rbt", reply).state;
  };
  CHECK(result_of(list_of({{"1", "rbt", {}}})) == ok);
  CHECK(result_of(list_of({{"1", "other", {}}})) == warning);
  CHECK(result_of(list_of({})) == warning);
  run_list_reply unknown;
  for (auto status : {404, 410}) {
    unknown.verdict = verdict_of(status);
    CHECK(result_of(unknown) == failure);
  }
  for (auto status : {400, 401, 402, 403, 429, 500}) {
    unknown.verdict = verdict_of(status);
    CHECK(result_of(unknown) == warning);
  }
  CHECK(robot_cannot_be_told().state == warning);
}

TEST_CASE("a missing list of all runs proves nothing about a robot") {
  run_list_reply unknown;
  unknown.verdict = verdict_of(404);
  CHECK(robot_result(with_find("/runs"), "rbt", unknown).state == warning);
}

TEST_CASE("a clock may be off by half a minute") {
  CHECK(clock_result(0s).state == ok);
  CHECK(clock_result(-30s).state == ok);
  CHECK(clock_result(30s).state == ok);
  CHECK_THAT(clock_result(31s).text, Catch::Contains("31.0 s ahead of"));
  CHECK(clock_result(31s).state == warning);
  CHECK(clock_result(-31s).state == warning);
  CHECK_THAT(clock_result(-3600s).text, Catch::Contains("behind"));
  CHECK(clock_result(std::nullopt).state == warning);
}
