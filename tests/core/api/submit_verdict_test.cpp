#include "core/api/submit_verdict.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

using action = submit_action;

constexpr auto api_error = R"({"error":"E","message":"the API says no"})";
constexpr auto html = "<html><body>Forbidden</body></html>";

api_profile extralt_submits() {
  api_profile profile;
  profile.submit.ok = {200, 201, 202};
  profile.submit.safe = {503};
  profile.submit.id = {"/_id", "/id"};
  profile.error = {"/message", "/error"};
  return profile;
}

submit_verdict judge(int status, std::string body) {
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  reply.status = status;
  reply.body = std::move(body);
  return judge_submit(extralt_submits(), reply);
}

submit_verdict judge(transport_outcome how) {
  http_reply reply;
  reply.outcome = how;
  reply.detail = "what the transport says";
  return judge_submit(extralt_submits(), reply);
}

} // namespace

TEST_CASE("only a run id makes a submit accepted") {
  struct row {
    int status;
    std::string body;
    action then;
    std::string id;
  };
  auto long_id = std::string(513, 'x');
  for (const auto& [status, body, then, id] : {
         row{201, R"({"_id":"run_1"})", action::accepted, "run_1"},
         row{202, R"({"id":"run_1"})", action::accepted, "run_1"},
         row{200, R"({"_id":null,"id":"b"})", action::accepted, "b"},
         row{201, R"({"id":9007199254740993})", action::accepted,
             "9007199254740993"},
         // not in submit.ok, but an id means that a run exists
         row{207, R"({"id":"run_1"})", action::accepted, "run_1"},
         row{299, R"({"id":"x","message":"odd"})", action::accepted, "x"},
         row{201, R"({"message":"ok"})", action::hold, ""},
         row{201, R"({"id":""})", action::hold, ""},
         row{201, R"({"_id":"","id":"b"})", action::accepted, "b"},
         row{201, R"({"_id":"a","_id":"b"})", action::accepted, "a"},
         row{201, R"({"id":"a","cost":1e400,"x":"\ud83d"})", action::accepted,
             "a"},
         row{201, "\xef\xbb\xbf{\"id\":\"a\"}", action::accepted, "a"},
         row{201, R"({"id":"a\ud83d"})", action::accepted, "a\xed\xa0\xbd"},
         row{201, R"({"id":{"x":1}})", action::hold, ""},
         row{201, R"({"id":1e300})", action::hold, ""},
         row{201, R"({"id":")" + long_id + R"("})", action::hold, ""},
         row{201, R"([{"id":"x"}])", action::hold, ""},
         row{201, R"({"id":"x")", action::hold, ""},
         row{200, html, action::hold, ""},
         row{204, "", action::hold, ""},
       }) {
    CAPTURE(status, body);
    auto verdict = judge(status, body);
    CHECK(verdict.action == then);
    CHECK(verdict.run_id == id);
    CHECK(verdict.message.empty() == (then == action::accepted));
    CHECK_FALSE(verdict.rate_limited());
  }
}

TEST_CASE("an error body with an unpaired surrogate is definite") {
  auto verdict = judge(422, R"({"message":"bad \ud83d","limit":1e400})");
  CHECK(verdict.action == action::narrow);
  CHECK_THAT(verdict.message, Catch::Contains("bad \\xed\\xa0\\xbd"));
}

TEST_CASE("a refusal counts only with the API's own error body") {
  struct row {
    int status;
    action definite, foreign;
  };
  for (auto [status, definite, foreign] : {
         row{400, action::narrow, action::hold},
         row{401, action::stop_job, action::hold},
         row{402, action::no_credits, action::hold},
         row{403, action::stop_job, action::hold},
         row{404, action::stop_job, action::hold},
         row{405, action::stop_job, action::hold},
         row{407, action::stop_job, action::hold},
         row{408, action::stop_job, action::hold},
         row{409, action::stop_job, action::hold},
         row{410, action::stop_job, action::hold},
         row{413, action::too_large, action::hold},
         row{418, action::stop_job, action::hold},
         row{422, action::narrow, action::hold},
         row{429, action::replan, action::replan},
         row{499, action::stop_job, action::hold},
         row{500, action::hold, action::hold},
         row{501, action::hold, action::hold},
         row{502, action::hold, action::hold},
         row{503, action::replan, action::hold},
         row{504, action::hold, action::hold},
         row{599, action::hold, action::hold},
         row{100, action::hold, action::hold},
         row{0, action::hold, action::hold},
         row{777, action::hold, action::hold},
       }) {
    CAPTURE(status);
    auto own = judge(status, api_error);
    CHECK(own.action == definite);
    CHECK_THAT(own.message, Catch::Contains("the API says no")
                              && Catch::Contains(std::to_string(status)));
    for (auto body : {html, "", R"({"message":5})", R"(["message"])"}) {
      auto other = judge(status, body);
      CHECK(other.action == foreign);
      CHECK_THAT(other.message, Catch::Contains(std::to_string(status)));
    }
    CHECK(own.rate_limited() == (status == 429));
    CHECK(own.run_id.empty());
  }
}

TEST_CASE(
  "a 429 that is cut short holds the batch and still stops the bucket") {
  http_reply reply;
  reply.outcome = transport_outcome::broken;
  reply.status = 429;
  auto verdict = judge_submit(extralt_submits(), reply);
  CHECK(verdict.action == action::hold);
  CHECK(verdict.rate_limited());
}

TEST_CASE("an error reply with an id does not create a run") {
  CHECK(judge(500, R"({"id":"run_1","message":"x"})").action == action::hold);
  CHECK(judge(409, R"({"id":"rob_1","message":"x"})").action
        == action::stop_job);
}

TEST_CASE("a redirect stops the job unless it is a 303") {
  for (auto status : {300, 301, 302, 304, 307, 308})
    for (auto body : {html, api_error, ""})
      CHECK(judge(status, body).action == action::stop_job);
  CHECK(judge(303, html).action == action::hold);
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  reply.status = 301;
  reply.headers["location"] = "https://new.example/\x1b[31m";
  CHECK_THAT(judge_submit(extralt_submits(), reply).message,
             Catch::Contains("https://new.example/\\x1b")
               && Catch::Contains("api.base_url"));
}

TEST_CASE("a submit that never left was not made and an interrupted one may "
          "have been") {
  CHECK(judge(transport_outcome::not_sent).action == action::replan);
  CHECK(judge(transport_outcome::broken).action == action::hold);
  CHECK(judge(transport_outcome::too_large).action == action::hold);
  CHECK(judge(transport_outcome::broken).message == "what the transport says");
  http_reply reply;
  reply.outcome = transport_outcome::broken;
  reply.status = 429;
  CHECK(judge_submit(extralt_submits(), reply).action == action::hold);
  reply.status = 201;
  reply.body = R"({"id":"x"})";
  CHECK(judge_submit(extralt_submits(), reply).action == action::hold);
}

TEST_CASE(
  "a status that the profile calls safe is safe only with a definite reply") {
  auto profile = extralt_submits();
  profile.submit.safe = {409, 500};
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  for (auto status : {409, 500}) {
    reply.status = status;
    reply.body = api_error;
    CHECK(judge_submit(profile, reply).action == action::replan);
    reply.body = html;
    CHECK(judge_submit(profile, reply).action == action::hold);
  }
  reply.status = 503;
  reply.body = api_error;
  CHECK(judge_submit(profile, reply).action == action::hold);
}
