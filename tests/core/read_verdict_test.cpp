#include "core/read_verdict.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

using outcome = read_outcome;

api_profile extralt() {
  api_profile profile;
  profile.error = {"/message"};
  profile.results.not_ready = {204, 404};
  return profile;
}

http_reply reply_of(transport_outcome how, int status) {
  http_reply reply;
  reply.outcome = how;
  reply.status = status;
  reply.body = R"({"message":"the API's words"})";
  reply.detail = "the transport's words";
  reply.headers["retry-after"] = "7";
  reply.latency = std::chrono::milliseconds{12};
  return reply;
}

} // namespace

TEST_CASE("a reply to a read is judged by its status") {
  struct row {
    int status;
    outcome then;
  };
  for (auto [status, then] : {
         row{200, outcome::ok},        row{206, outcome::ok},
         row{204, outcome::not_ready}, row{404, outcome::not_ready},
         row{301, outcome::retry},     row{304, outcome::retry},
         row{400, outcome::gone},      row{401, outcome::stop_job},
         row{402, outcome::gone},      row{403, outcome::gone},
         row{408, outcome::retry},     row{410, outcome::gone},
         row{425, outcome::retry},     row{429, outcome::rate_limited},
         row{499, outcome::gone},      row{500, outcome::retry},
         row{503, outcome::retry},     row{599, outcome::retry},
         row{100, outcome::retry},
       }) {
    CAPTURE(status);
    auto verdict =
      judge_read(extralt(), reply_of(transport_outcome::complete, status));
    CHECK(verdict.outcome == then);
    CHECK(verdict.status == status);
    CHECK(verdict.retry_after == std::chrono::seconds{7});
    CHECK(verdict.latency == std::chrono::milliseconds{12});
    if (then == outcome::ok)
      CHECK(verdict.message.empty());
    else if (status >= 300)
      CHECK_THAT(verdict.message, Catch::Contains("the API's words"));
  }
}

TEST_CASE("a run is gone only in the API's own words") {
  for (auto status : {403, 404, 407, 410}) {
    CAPTURE(status);
    auto foreign = reply_of(transport_outcome::complete, status);
    foreign.body = "<html>a proxy's page</html>";
    auto profile = extralt();
    profile.results.not_ready.clear();
    CHECK(judge_read(profile, foreign).outcome == outcome::retry);
  }
  CHECK(
    judge_read(extralt(), reply_of(transport_outcome::complete, 407)).outcome
    == outcome::retry);
}

TEST_CASE("a read that the network broke is repeated") {
  for (auto how : {transport_outcome::not_sent, transport_outcome::broken}) {
    auto verdict = judge_read(extralt(), reply_of(how, 0));
    CHECK(verdict.outcome == outcome::retry);
    CHECK(verdict.message == "the transport's words");
  }
}

TEST_CASE("a page above the cap stops the job and says what to raise") {
  auto big = transport_outcome::too_large;
  auto verdict = judge_read(extralt(), reply_of(big, 200));
  CHECK(verdict.outcome == outcome::stop_job);
  CHECK_THAT(verdict.message, Catch::Contains("api.max_body"));
  CHECK(judge_read(extralt(), reply_of(big, 502)).outcome == outcome::retry);
}
