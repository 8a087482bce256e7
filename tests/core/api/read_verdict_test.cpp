#include "core/api/read_verdict.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

api_profile extralt_reading() {
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

TEST_CASE("a verdict says by how much the clocks differ") {
  auto reply = reply_of(transport_outcome::complete, 401);
  CHECK_FALSE(judge_read(extralt_reading(), reply).clock_ahead);
  constexpr std::chrono::seconds then{784'111'777};
  reply.received = std::chrono::system_clock::time_point{then};
  reply.headers["date"] = "Sun, 06 Nov 1994 08:48:37 GMT";
  CHECK(judge_read(extralt_reading(), reply).clock_ahead
        == std::chrono::seconds{59});
}

TEST_CASE("an error does not mention a key that the profile does not send") {
  auto profile = extralt_reading();
  auto reply = reply_of(transport_outcome::complete, 401);
  CHECK_THAT(judge_read(profile, reply).message,
             Catch::Contains("check api.key"));
  profile.auth.in = auth_scheme::place::none;
  CHECK_THAT(judge_read(profile, reply).message,
             Catch::Contains("sends no key"));
}

TEST_CASE("a refusal by another server is not the API's and mentions no key") {
  struct row {
    int status;
    read_outcome then;
  };
  http_origin server{false, "cdn.test", 8080};
  for (auto [status, then] : {
         row{200, read_outcome::ok},
         row{204, read_outcome::not_ready},
         row{301, read_outcome::unreadable},
         row{400, read_outcome::unreadable},
         row{401, read_outcome::unreadable},
         row{403, read_outcome::unreadable},
         row{404, read_outcome::unreadable},
         row{408, read_outcome::retry},
         row{410, read_outcome::unreadable},
         row{425, read_outcome::retry},
         row{429, read_outcome::retry},
         row{500, read_outcome::retry},
         row{503, read_outcome::retry},
       }) {
    CAPTURE(status);
    auto reply = reply_of(transport_outcome::complete, status);
    reply.headers["ratelimit-remaining"] = "0";
    auto verdict = judge_read_elsewhere(extralt_reading(), reply, server);
    CHECK(verdict.outcome == then);
    CHECK(verdict.elsewhere);
    CHECK_FALSE(verdict.quota);
    CHECK_THAT(verdict.message, !Catch::Contains("check api.key"));
    if (then != read_outcome::ok)
      CHECK_THAT(verdict.message,
                 Catch::Contains("leads to http://cdn.test:8080, a server "
                                 "other than its own, so the key is not "
                                 "sent"));
  }
}

TEST_CASE("an unreachable server is retried unless it does not exist") {
  http_origin server{true, "cdn.test", 443};
  auto judge = [&](transport_outcome how, bool hopeless) {
    auto reply = reply_of(how, 0);
    reply.hopeless = hopeless;
    return judge_read_elsewhere(extralt_reading(), reply, server);
  };
  CHECK(judge(transport_outcome::not_sent, false).outcome
        == read_outcome::retry);
  CHECK(judge(transport_outcome::broken, false).outcome == read_outcome::retry);
  auto verdict = judge(transport_outcome::not_sent, true);
  CHECK(verdict.outcome == read_outcome::unreadable);
  CHECK_FALSE(verdict.hopeless); // it says nothing about the API itself
  CHECK_THAT(verdict.message, Catch::StartsWith("the transport's words; "));
}

TEST_CASE("another server whose certificate seems expired or not yet valid is "
          "retried") {
  auto reply = reply_of(transport_outcome::not_sent, 0);
  reply.hopeless = true;
  reply.hopeless_after = std::chrono::minutes{5};
  CHECK(judge_read(extralt_reading(), reply).hopeless_after
        == reply.hopeless_after);
  CHECK(judge_read_elsewhere(extralt_reading(), reply, {true, "cdn.test", 443})
          .outcome
        == read_outcome::retry);
}

TEST_CASE("a page of another server above the limit does not stop the job and "
          "says what to raise") {
  http_origin server{false, "cdn.test", 8080};
  auto judge = [&](int status) {
    return judge_read_elsewhere(extralt_reading(),
                                reply_of(transport_outcome::too_large, status),
                                server);
  };
  CHECK(judge(200).outcome == read_outcome::unreadable);
  CHECK_THAT(judge(200).message, Catch::Contains("raise api.max_body")
                                   && Catch::Contains("http://cdn.test:8080"));
  CHECK(judge(403).outcome == read_outcome::unreadable);
  CHECK(judge(502).outcome == read_outcome::retry);
}

TEST_CASE("a reply to a read is judged by its status") {
  struct row {
    int status;
    read_outcome then;
  };
  for (auto [status, then] : {
         row{200, read_outcome::ok},
         row{206, read_outcome::ok},
         row{204, read_outcome::not_ready},
         row{404, read_outcome::not_ready},
         row{301, read_outcome::retry},
         row{304, read_outcome::retry},
         row{400, read_outcome::gone},
         row{401, read_outcome::stop_job},
         row{402, read_outcome::gone},
         row{403, read_outcome::gone},
         row{408, read_outcome::retry},
         row{410, read_outcome::gone},
         row{425, read_outcome::retry},
         row{429, read_outcome::rate_limited},
         row{499, read_outcome::gone},
         row{500, read_outcome::retry},
         row{503, read_outcome::retry},
         row{599, read_outcome::retry},
         row{100, read_outcome::retry},
       }) {
    CAPTURE(status);
    auto verdict = judge_read(extralt_reading(),
                              reply_of(transport_outcome::complete, status));
    CHECK(verdict.outcome == then);
    CHECK(verdict.status == status);
    CHECK(verdict.retry_after == std::chrono::seconds{7});
    CHECK(verdict.latency == std::chrono::milliseconds{12});
    if (then == read_outcome::ok)
      CHECK(verdict.message.empty());
    else if (status >= 300)
      CHECK_THAT(verdict.message, Catch::Contains("the API's words"));
  }
}

TEST_CASE("a run is gone only if the API itself says so") {
  for (auto status : {403, 404, 407, 410}) {
    CAPTURE(status);
    auto foreign = reply_of(transport_outcome::complete, status);
    foreign.body = "<html>a proxy's page</html>";
    auto profile = extralt_reading();
    profile.results.not_ready.clear();
    CHECK(judge_read(profile, foreign).outcome == read_outcome::retry);
  }
  CHECK(
    judge_read(extralt_reading(), reply_of(transport_outcome::complete, 407))
      .outcome
    == read_outcome::retry);
}

TEST_CASE("a read that the network interrupted is repeated") {
  for (auto how : {transport_outcome::not_sent, transport_outcome::broken}) {
    auto verdict = judge_read(extralt_reading(), reply_of(how, 0));
    CHECK(verdict.outcome == read_outcome::retry);
    CHECK(verdict.message == "the transport's words");
  }
}

TEST_CASE("a reply above the limit is too large and says what to raise") {
  auto big = transport_outcome::too_large;
  auto verdict = judge_read(extralt_reading(), reply_of(big, 200));
  CHECK(verdict.outcome == read_outcome::too_large);
  CHECK_THAT(verdict.message, Catch::Contains("raise api.max_body"));
  CHECK(judge_read(extralt_reading(), reply_of(big, 502)).outcome
        == read_outcome::retry);
}
