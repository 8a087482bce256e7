#include "tests/core/api/api_client_fixture.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("no message contains the key, even if the API quotes it") {
  auto quote = std::string{"bad key "} + the_key;
  auto encoded = std::string{"no /x?key=sk_live_1%2fsecret here"};
  api_client_fixture api{
    {one(refusal(401, quote)), one(refusal(403, encoded)),
     one(http_text(301, "", {std::string{"Location: /"} + the_key})),
     one(refusal(401,
                 R"(bad sk_live_1\/s\u0065cret or c2tfbGl2ZV8xL3NlY3JldDo=)")),
     one(http_text(500, "oops", {std::string{"Content-Type: "} + the_key}))}};
  auto submit = api.submit();
  CHECK(submit.verdict.action == submit_action::stop_job);
  CHECK_THAT(submit.verdict.message, Catch::Contains("bad key ***"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("/x?key=*** here"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("/***"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("bad *** or ***"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("error body (***)"));
}

TEST_CASE("a run id that contains the key is rejected and not shown") {
  for (auto* id : {"run-sk_live_1\\/secret", "c2tfbGl2ZV8xL3NlY3JldDo"}) {
    api_client_fixture api{
      {one(http_text(201, std::string{R"({"_id":")"} + id + "\"}"))}};
    auto submit = api.submit();
    CHECK(submit.verdict.action == submit_action::hold);
    CHECK(submit.verdict.message
          == "HTTP 201 with a run id that contains the API key");
  }
}

TEST_CASE("a state that contains the key is masked") {
  api_client_fixture api{
    {one(json_text(R"({"status":"sk_live_1\/secret?"})"))}};
  auto status = api.client().status({"r1", {}});
  CHECK(status.verdict.outcome == read_outcome::ok);
  CHECK_FALSE(status.run.known);
  CHECK(status.run.state == "***?");
}

TEST_CASE("cursors, saved values and captures are passed on unchanged") {
  api_client_fixture api{
    {{{json_text(R"({"status":"completed",)"
                 R"("dataset":"d-sk_live_1/secret"})")},
      {json_text(R"({"items":["sk_live_1/secret"],)"
                 R"("nextCursor":"c-sk_live_1/secret"})")}}}};
  auto status = api.client().status({"r1", {}});
  CHECK(status.run.saved.at("ds") == "d-sk_live_1/secret");
  auto page = api.client().page({{"r1", {}}, ""});
  CHECK(page.next == "c-sk_live_1/secret");
  CHECK_THAT(*page.body, Catch::Contains("\"sk_live_1/secret\""));
}

TEST_CASE("an error about an invalid link shows no part of the key") {
  api_client_fixture api{
    {one(json_text(R"({"items":[1],"nextCursor":"sk_live_1/secret"})")),
     one(json_text(R"({"items":[1],"nextCursor":"x:sk_live_1/secret"})"))}};
  api.profile.results.page.by = kind::next_url;
  for (auto* shown : {"\"***\"", "\"x\""}) {
    auto page = api.client().page({{"r1", {}}, ""});
    if (!page.dead_end.empty())
      CHECK_THAT(page.dead_end, Catch::Contains(shown));
    CHECK_THAT(page.dead_end, !Catch::Contains("sk_live"));
  }
}

TEST_CASE("a key of a few letters is masked if it stands alone") {
  api_client_fixture api{
    {one(refusal(401, "broken zqk7s: zqk7 (zqk7), Bearer%20zqk7"))}};
  api.key = "zqk7";
  CHECK_THAT(api.submit().verdict.message,
             Catch::Contains("broken zqk7s: *** (***), Bearer%20***"));
}

TEST_CASE("nothing is sent without a key and the job stops") {
  scripted_server server{{}};
  auto profile = std::make_shared<api_profile>(extralt(server.base()));
  auto make = [&](caf::expected<std::string> key) {
    return api_options{.profile = profile,
                       .key = [key] { return key; },
                       .timeout = 20s,
                       .max_body = 1000,
                       .proxy = {},
                       .ca_file = {}};
  };
  auto missing = make_error(ec::usage, "EXTRALT_API_KEY is not set");
  for (const auto& options : {make(missing), make(std::string{})}) {
    api_client client{options};
    auto submit = client.submit({table_of("u"), "r", {}});
    CHECK(submit.verdict.action == submit_action::stop_job);
    CHECK_THAT(submit.verdict.message,
               Catch::Contains("is not set") || Catch::Contains("is empty"));
    auto status = client.status({"r", {}});
    CHECK(status.verdict.outcome == read_outcome::stop_job);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("the key is resolved once, and only if it is needed") {
  api_client_fixture api{{{{json_text(R"({"status":"running"})")},
                           {json_text(R"({"status":"running"})")}}}};
  CHECK(api.key_uses == 0);
  static_cast<void>(api.client().status({"r", {}}));
  static_cast<void>(api.client().status({"r", {}}));
  CHECK(api.key_uses == 1);
  api_client_fixture open{{one(json_text(R"({"status":"running"})"))}};
  open.profile.auth.in = auth_scheme::place::none;
  CHECK(open.client().status({"r", {}}).verdict.outcome == read_outcome::ok);
  CHECK(open.key_uses == 0);
}
