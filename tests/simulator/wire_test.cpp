#include "simulator/wire.hpp"
#include "tests/support/json_view.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;
using namespace sluice::test;

namespace {

int refused_status(const std::string& body, dialect form = dialect::legacy) {
  auto result = read_submission(form, body, "forbidden");
  auto* refused = std::get_if<refusal>(&result);
  return refused == nullptr ? 0 : refused->status;
}

std::string many_urls(size_t count) {
  std::string body = R"({"robotId":"r","urls":["https://a/0")";
  for (size_t i = 1; i < count; ++i)
    body += R"(,"https://a/)" + std::to_string(i) + '"';
  return body + "]}";
}

} // namespace

TEST_CASE("a legacy submit is parsed") {
  auto result = read_submission(
    dialect::legacy,
    R"({"robotId":"rbt_1","urls":["https://a/","http://b/?q=\u00e9"],"budget":2})",
    "");
  REQUIRE(std::holds_alternative<submission>(result));
  auto& asked = std::get<submission>(result);
  CHECK(asked.robot == "rbt_1");
  CHECK(asked.urls == "https://a/\nhttp://b/?q=é\n");
  CHECK(asked.url_count == 2);
  CHECK(asked.budget == 2);
}

TEST_CASE("a v0 submit in snake case is parsed") {
  auto result = read_submission(
    dialect::v0, R"({"robot_id":"rbt_1","start_urls":["https://a/"]})", "");
  REQUIRE(std::holds_alternative<submission>(result));
  CHECK(std::get<submission>(result).robot == "rbt_1");
  CHECK_FALSE(std::get<submission>(result).budget);
}

TEST_CASE("a submit that is malformed or lacks a field gets a 400") {
  auto body = GENERATE(as<std::string>{}, "", "{", "[]", "null", "1", "{}",
                       R"({"robotId":"r"})", R"({"urls":["https://a/"]})",
                       R"({"robotId":"r","urls":["https://a/"]} x)",
                       "{\"robotId\":\"\xff\",\"urls\":[\"https://a/\"]}",
                       R"({"robot_id":"r","start_urls":["https://a/"]})");
  CHECK(refused_status(body) == 400);
}

TEST_CASE("a submit with bad values gets a 422") {
  auto body = GENERATE(
    as<std::string>{}, R"({"robotId":7,"urls":["https://a/"]})",
    R"({"robotId":"","urls":["https://a/"]})",
    R"({"robotId":"r","urls":"https://a/"})", R"({"robotId":"r","urls":[]})",
    R"({"robotId":"r","urls":[1]})", R"({"robotId":"r","urls":["ftp://a/"]})",
    R"({"robotId":"r","urls":["https://"]})",
    R"({"robotId":"r","urls":["https://a/\nb"]})",
    R"({"robotId":"r","urls":["https://a/ b"]})",
    R"({"robotId":"r","urls":["https://a/"],"budget":0})",
    R"({"robotId":"r","urls":["https://a/"],"budget":-1})",
    R"({"robotId":"r","urls":["https://a/"],"budget":"1"})",
    R"({"robotId":"r","urls":["https://a/","https://b/forbidden"]})");
  CHECK(refused_status(body) == 422);
}

TEST_CASE("a run has at most 100,000 URLs") {
  CHECK(refused_status(many_urls(max_urls_per_run)) == 0);
  CHECK(refused_status(many_urls(max_urls_per_run + 1)) == 422);
}

TEST_CASE("deep nesting does not exhaust the stack") {
  auto deep = R"({"robotId":)" + std::string(max_body_bytes - 100, '[');
  CHECK(refused_status(deep) == 400);
  auto closed = R"({"x":)" + std::string(1'000'000, '[')
                + std::string(1'000'000, ']') + '}';
  CHECK(refused_status(closed) == 400);
}

TEST_CASE("an error has both members of the API's errors") {
  auto error = json_view(write_error(422, "a \"bad\" value"));
  CHECK(error["error"] == "UnprocessableEntity");
  CHECK(error["message"] == "a \"bad\" value");
  CHECK(error.raw().MemberCount() == 2);
}

TEST_CASE("a run is described in its dialect") {
  run_report run;
  run.id = "run_1";
  run.robot = "rbt_1";
  run.state = "running";
  run.extracted = 3;
  run.queue = 4;
  run.created_ms = 1'774'874'512'000;
  run.started_ms = 1'774'874'512'106;
  auto legacy = json_view(write_run(dialect::legacy, run));
  CHECK(legacy["_id"] == "run_1");
  CHECK(legacy["status"] == "running");
  CHECK(legacy["robotId"] == "rbt_1");
  CHECK(legacy["extractedCount"] == 3);
  CHECK(legacy["queueSize"] == 4);
  CHECK(legacy.raw().MemberCount() == 5);
  auto v0 = json_view(write_run(dialect::v0, run));
  CHECK(v0["_id"] == "run_1");
  CHECK(v0["extracted"] == 3);
  CHECK(v0["inQueue"] == 4);
  CHECK(v0["createdAt"] == 1'774'874'512'000);
  CHECK(v0["startedAt"] == 1'774'874'512'106);
  CHECK(v0["autoEnrich"] == false);
}

TEST_CASE("a listed run shows or hides its URLs") {
  run_report run;
  run.id = "run_1";
  run.robot = "rbt_1";
  run.state = "pending";
  std::string with;
  append_listed_run(with, run, "https://a/\"\nhttps://b/\n");
  CHECK(with
        == R"({"_id":"run_1","robotId":"rbt_1","status":"pending",)"
           R"("urls":["https://a/\"","https://b/"]})");
  std::string without;
  append_listed_run(without, run, std::nullopt);
  CHECK_FALSE(json_view(without).has("urls"));
}

TEST_CASE("a run without progress or start omits these members") {
  run_report run;
  run.shows_progress = false;
  CHECK_FALSE(json_view(write_run(dialect::legacy, run)).has("extractedCount"));
  CHECK_FALSE(json_view(write_run(dialect::legacy, run)).has("queueSize"));
  CHECK_FALSE(json_view(write_run(dialect::v0, run)).has("extracted"));
  CHECK_FALSE(json_view(write_run(dialect::v0, run)).has("startedAt"));
}

TEST_CASE(
  "creating a run is answered with 201 and the run or with 202 and its id") {
  run_report run;
  run.id = "run_1";
  CHECK(created_status(dialect::legacy) == 201);
  CHECK(json_view(write_created(dialect::legacy, run))["_id"] == "run_1");
  CHECK(created_status(dialect::v0) == 202);
  CHECK(write_created(dialect::v0, run) == R"({"id":"run_1"})");
}
