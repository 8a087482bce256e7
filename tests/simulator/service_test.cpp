#include "simulator/service.hpp"
#include "tests/support/json_view.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::sim;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A service and its clock. Requests carry a key unless told otherwise.
struct api {
  explicit api(simulator_options given = {})
      : options{std::move(given)},
        form{value_of(dialect_words, options.dialect).value()},
        calls{options, form, sim_clock{1, {}, 1'000}} {
    calls.set_origin("http://sim");
  }

  simulator_options options;
  dialect form;
  service calls;
  sim_time now{0};
  std::optional<std::string> authorization = "Bearer key";
  std::string idempotency_key;

  api_reply send(const std::string& method, const std::string& path,
                 std::multimap<std::string, std::string> parameters = {},
                 const std::string& body = {}) {
    auto to = find_route(form, method, path);
    auto fate = calls.admit(to);
    return calls.answer(
      {to, authorization, std::move(parameters), body, idempotency_key}, fate,
      now);
  }

  api_reply post(const std::string& body) {
    return send("POST", std::string{prefix_of(form)} + "/runs", {}, body);
  }

  /// Creates a run of `urls` URLs starting at number `first`.
  std::string create(int urls, int first = 0) {
    std::string body = R"({"robotId":"r","urls":[)";
    for (int i = first; i < first + urls; ++i)
      body += (i > first ? ",\"https://a/" : "\"https://a/") + std::to_string(i)
              + '"';
    auto reply = post(body + "]}");
    REQUIRE(reply.status == 201);
    return json_view(reply.body)["_id"].text();
  }

  json_view stats() { return json_view(calls.stats(now)); }
};

} // namespace

TEST_CASE("a run is created, followed and listed") {
  simulator_options options;
  options.run_spread = 0;
  api extralt{options};
  auto id = extralt.create(250);
  CHECK(json_view(extralt.send("GET", "/runs/" + id).body)["status"]
        == "starting");
  extralt.now = 30s;
  auto run = json_view(extralt.send("GET", "/runs/" + id).body);
  CHECK(run["status"] == "completed");
  CHECK(run["extractedCount"] == 250);
  CHECK(run["queueSize"] == 0);
  auto page = json_view(extralt.send("GET", "/captures", {{"runId", id}}).body);
  CHECK(page["items"].size() == 100);
  std::string next = page["nextCursor"].text();
  auto second = json_view(
    extralt.send("GET", "/captures", {{"runId", id}, {"cursor", next}}).body);
  CHECK(second["items"].size() == 100);
  CHECK(second["items"][0]["url"] == "https://a/100");
  CHECK(extralt.stats()["captures_served"] == 200);
}

TEST_CASE("a submit with a key that already has a run returns that run") {
  simulator_options options;
  options.idempotency_header = "Idempotency-Key";
  options.reject_containing = "/bad";
  api extralt{options};
  extralt.idempotency_key = "k1";
  auto id = extralt.create(2);
  extralt.now = 100s;
  CHECK(extralt.create(2) == id);
  CHECK(extralt.post(R"({"robotId":"r","urls":["https://a/9"]})").status
        == 422);
  CHECK(extralt.stats()["runs_created"] == 1);
  CHECK(extralt.stats()["submits_repeated"] == 1);
  CHECK(extralt.stats()["urls_submitted_twice"] == 0);
  SECTION("another key creates another run") {
    extralt.idempotency_key = "k2";
    CHECK(extralt.create(2) != id);
    CHECK(extralt.stats()["runs_created_twice"] == 1);
  }
  SECTION("a key whose submit was refused has no run") {
    extralt.idempotency_key = "k2";
    CHECK(extralt.post(R"({"robotId":"r","urls":["https://a/bad"]})").status
          == 422);
    extralt.create(1, 5);
    CHECK(extralt.stats()["runs_created"] == 2);
  }
  SECTION("every submit without a key creates a run") {
    extralt.idempotency_key.clear();
    CHECK(extralt.create(1, 5) != extralt.create(1, 6));
    CHECK(extralt.stats()["submits_repeated"] == 1);
  }
}

TEST_CASE("v0 has different paths, names and codes") {
  simulator_options options;
  options.dialect = "extralt-v0";
  options.run_seconds = 0;
  api extralt{options};
  auto reply = extralt.post(R"({"robot_id":"r","start_urls":["https://a/"]})");
  CHECK(reply.status == 202);
  std::string id = json_view(reply.body)["id"].text();
  auto run = json_view(extralt.send("GET", "/v0/extract/runs/" + id).body);
  CHECK(run["extracted"] == 1);
  CHECK(run["startedAt"] == 1'000);
  auto page = json_view(
    extralt.send("GET", "/v0/extract/captures", {{"run_id", id}}).body);
  CHECK(page["rows"].size() == 1);
}

TEST_CASE("a budget counts URLs, or captures in v0") {
  simulator_options options;
  options.run_seconds = 0;
  options.captures_per_url = 3;
  std::string urls = R"(["https://a/","https://b/"],"budget":1})";
  api legacy{options};
  auto run = json_view(legacy.post(R"({"robotId":"r","urls":)" + urls).body);
  CHECK(run["extractedCount"] == 3);
  options.dialect = "extralt-v0";
  api v0{options};
  auto id =
    json_view(v0.post(R"({"robot_id":"r","start_urls":)" + urls).body)["id"]
      .text();
  CHECK(json_view(v0.send("GET", "/v0/extract/runs/" + id).body)["extracted"]
        == 1);
}

TEST_CASE("a wrong or missing key gets a 401 and costs no token") {
  simulator_options options;
  options.key = "secret";
  options.burst = 1;
  api extralt{options};
  auto wrong = GENERATE(values<std::optional<std::string>>(
    {std::nullopt, "", "Bearer ", "Bearer secre", "Bearer secrets", "secret",
     "Basic secret"}));
  extralt.authorization = wrong;
  auto reply = extralt.send("GET", "/runs/x");
  CHECK(reply.status == 401);
  CHECK(reply.body.find("secret") == reply.body.npos);
  extralt.authorization = "Bearer secret";
  CHECK(extralt.send("GET", "/runs/x").status == 404);
}

TEST_CASE("any key is accepted if none is set, but one must be sent") {
  api extralt;
  CHECK(extralt.send("GET", "/runs/x").status == 404);
  extralt.authorization.reset();
  CHECK(extralt.send("GET", "/runs/x").status == 401);
}

TEST_CASE("requests beyond the bucket get a 429, by default without a hint") {
  simulator_options options;
  options.burst = 2;
  api extralt{options};
  CHECK(extralt.send("GET", "/runs/x").status == 404);
  CHECK(extralt.send("GET", "/captures").status == 400);
  auto refused = extralt.post("{}");
  CHECK(refused.status == 429);
  CHECK(refused.retry_after == 0);
  CHECK(json_view(refused.body)["error"] == "TooManyRequests");
  extralt.now = 500ms;
  CHECK(extralt.post("{}").status == 400);
  auto stats = extralt.stats();
  CHECK(stats["requests"]["submit"] == 2);
  CHECK(stats["rate_limited"]["submit"] == 1);
  CHECK(stats["rate_limited"]["status"] == 0);
}

TEST_CASE("a 429 can carry a hint in real seconds") {
  auto [speed, hint] =
    GENERATE(table<double, uint32_t>({{1, 15}, {10, 2}, {1'000, 1}}));
  simulator_options options;
  options.burst = 1;
  options.retry_after = 15;
  options.speed = speed;
  api extralt{options};
  static_cast<void>(extralt.post("{}"));
  CHECK(extralt.post("{}").retry_after == hint);
}

TEST_CASE("every reply can report the bucket's level in real seconds") {
  auto [speed, reset] =
    GENERATE(table<double, uint32_t>({{1, 15}, {10, 2}, {1'000, 1}}));
  simulator_options options;
  options.quota_headers = true;
  options.speed = speed;
  api extralt{options};
  auto first = extralt.send("GET", "/runs/x");
  REQUIRE(first.left);
  CHECK(first.left->limit == 30);
  CHECK(first.left->remaining == 29);
  CHECK(first.left->reset == 1);
  for (auto i = 0; i < 29; ++i)
    static_cast<void>(extralt.send("GET", "/captures"));
  auto refused = extralt.post("{}");
  CHECK(refused.status == 429);
  REQUIRE(refused.left);
  CHECK(refused.left->remaining == 0);
  CHECK(refused.left->reset == reset);
}

TEST_CASE("the level is not reported for an unlimited bucket or by default") {
  simulator_options options;
  CHECK_FALSE(api{options}.post("{}").left);
  options.quota_headers = true;
  options.requests_per_minute = 0;
  CHECK_FALSE(api{options}.post("{}").left);
}

TEST_CASE("bad requests get the API's codes") {
  api extralt;
  auto id = extralt.create(1);
  CHECK(extralt.post("{").status == 400);
  CHECK(extralt.post(R"({"robotId":"r","urls":["x"]})").status == 422);
  CHECK(extralt.send("GET", "/nothing").status == 404);
  CHECK(extralt.send("GET", "/runs/run_1").status == 404);
  CHECK(extralt.send("GET", "/captures").status == 400);
  CHECK(extralt.send("GET", "/captures", {{"runId", "run_1"}}).status == 404);
  CHECK(
    extralt.send("GET", "/captures", {{"runId", id}, {"cursor", "x"}}).status
    == 400);
}

TEST_CASE("a batch with a rejected URL gets a 422 and creates nothing") {
  simulator_options options;
  options.reject_containing = "/7";
  api extralt{options};
  CHECK(extralt.post(R"({"robotId":"r","urls":["https://a/7"]})").status
        == 422);
  CHECK(extralt.stats()["runs_created"] == 0);
  CHECK_FALSE(extralt.create(7).empty());
}

TEST_CASE("faults occur as requested and are counted") {
  auto [option, status, name, creates] =
    GENERATE(table<double simulator_options::*, int, std::string, bool>({
      {&simulator_options::error_503, 503, "error_503", false},
      {&simulator_options::html_error, 502, "html_error", false},
      {&simulator_options::lost_reply, 201, "lost_reply", true},
      {&simulator_options::truncate, 201, "truncate", true},
    }));
  simulator_options options;
  options.*option = 1;
  api extralt{options};
  auto reply = extralt.post(R"({"robotId":"r","urls":["https://a/"]})");
  CHECK(reply.status == status);
  auto stats = extralt.stats();
  CHECK(stats["faults"][name.c_str()] == 1);
  CHECK(stats["runs_created"] == (creates ? 1 : 0));
}

TEST_CASE("some submits that get a 500 create a run and reads do not") {
  simulator_options options;
  options.error_500 = 1;
  options.requests_per_minute = 0;
  api extralt{options};
  for (int i = 0; i < 100; ++i)
    CHECK(extralt.post(R"({"robotId":"r","urls":["https://a/"]})").status
          == 500);
  CHECK(extralt.send("GET", "/runs/x").status == 500);
  auto stats = extralt.stats();
  auto created = stats["runs_created"].raw().GetInt();
  CHECK(created > 30);
  CHECK(created < 70);
  CHECK(stats["faults"]["late_500"] == created);
  CHECK(stats["faults"]["error_500"] == 101 - created);
}

TEST_CASE("an HTML error is sent as HTML") {
  simulator_options options;
  options.html_error = 1;
  api extralt{options};
  auto reply = extralt.send("GET", "/runs/x");
  CHECK(reply.content_type == "text/html");
  CHECK(reply.body.starts_with("<html>"));
}

TEST_CASE("repeated runs and URLs are counted") {
  api extralt;
  static_cast<void>(extralt.create(10));
  static_cast<void>(extralt.create(10));
  static_cast<void>(extralt.create(10, 5));
  auto stats = extralt.stats();
  CHECK(stats["runs_created"] == 3);
  CHECK(stats["runs_created_twice"] == 1);
  CHECK(stats["urls_submitted"] == 30);
  CHECK(stats["urls_submitted_twice"] == 15);
  extralt.calls.reset_stats();
  CHECK(extralt.stats()["runs_created"] == 0);
  CHECK(extralt.stats()["active"] == 3);
}

TEST_CASE("runs are listed newest first if the API lists them") {
  simulator_options options;
  options.dialect = GENERATE("extralt", "extralt-v0");
  options.list_runs = GENERATE("off", "ids", "urls");
  options.requests_per_minute = 0;
  api extralt{options};
  auto path = std::string{prefix_of(extralt.form)} + "/runs";
  auto v0 = extralt.form == dialect::v0;
  for (int i = 0; i < 101; ++i) {
    auto url = "https://a/" + std::to_string(i);
    static_cast<void>(
      extralt.post(v0 ? R"({"robot_id":"r","start_urls":[")" + url + R"("]})"
                      : R"({"robotId":"r","urls":[")" + url + R"("]})"));
  }
  auto reply = extralt.send("GET", path);
  if (options.list_runs == "off") {
    CHECK(reply.status == 404);
    return;
  }
  CHECK(reply.status == 200);
  auto items = json_view(reply.body)["items"];
  REQUIRE(items.size() == 100);
  CHECK(items[0]["robotId"] == "r");
  CHECK(items[0]["status"] == "pending");
  CHECK(items[99]["status"] == "starting");
  CHECK(items[0].has("urls") == (options.list_runs == "urls"));
  if (options.list_runs == "urls") {
    CHECK(items[0]["urls"].text() == R"(["https://a/100"])");
    CHECK(items[99]["urls"].text() == R"(["https://a/1"])");
  }
}

TEST_CASE("a list of runs needs the key and costs a token") {
  simulator_options options;
  options.list_runs = "ids";
  options.burst = 1;
  api extralt{options};
  extralt.authorization.reset();
  CHECK(extralt.send("GET", "/runs").status == 401);
  extralt.authorization = "Bearer key";
  CHECK(extralt.send("GET", "/runs").body == R"({"items":[]})");
  CHECK(extralt.send("GET", "/runs").status == 429);
  CHECK(extralt.stats()["requests"]["other"] == 3);
}

TEST_CASE("a refilled bucket is as full as at the start") {
  simulator_options options;
  options.burst = 2;
  api extralt{options};
  extralt.now = 1h;
  for (auto status : {404, 404, 429})
    CHECK(extralt.send("GET", "/runs/x").status == status);
  extralt.calls.refill_bucket();
  for (auto status : {404, 404, 429})
    CHECK(extralt.send("GET", "/runs/x").status == status);
}

TEST_CASE("everything created can be read with the bytes of every capture") {
  simulator_options options;
  options.missing = 0.3;
  options.extra = 0.1;
  options.failing = 0.5;
  options.late_captures = 1;
  options.run_spread = 0;
  api extralt{options};
  std::vector<std::string> ids{extralt.create(40), extralt.create(40, 40)};
  std::vector<created_run> before;
  auto keep = [&](const created_run& run) { before.push_back(run); };
  extralt.calls.each_run(extralt.now, keep);
  REQUIRE(before.size() == 2);
  extralt.now = 1min;
  auto number = 0U;
  extralt.calls.each_run(extralt.now, [&](const created_run& run) {
    CHECK(run.id == ids[number]);
    CHECK(run.robot == "r");
    CHECK(run.urls.size() == 40);
    CHECK(run.urls[7] == "https://a/" + std::to_string(40 * number + 7));
    CHECK(run.captures == before[number].captures);
    auto listed =
      json_view(extralt.send("GET", "/captures", {{"runId", run.id}}).body);
    REQUIRE(run.captures.size() == listed["items"].size());
    auto state = json_view(extralt.send("GET", "/runs/" + run.id).body);
    CHECK(state["status"] == run.state);
    CHECK(state["extractedCount"] == run.captures.size());
    ++number;
  });
  CHECK(number == 2);
}

TEST_CASE("a run whose submit got an error is among those created") {
  simulator_options options;
  options.error_500 = 1;
  options.requests_per_minute = 0;
  api extralt{options};
  for (int i = 0; i < 20; ++i)
    static_cast<void>(extralt.post(R"({"robotId":"r","urls":["https://a/"]})"));
  size_t runs = 0;
  extralt.calls.each_run(extralt.now, [&](const created_run&) { ++runs; });
  CHECK(runs > 0);
  CHECK(extralt.stats()["runs_created"] == runs);
}

TEST_CASE("a download is a signed URL that works only without the key") {
  simulator_options options;
  options.run_spread = 0;
  api extralt{options};
  auto id = extralt.create(3);
  CHECK(extralt.send("GET", "/runs/" + id + "/download").status == 409);
  extralt.now = 30s;
  auto reply = extralt.send("GET", "/runs/" + id + "/download");
  REQUIRE(reply.status == 200);
  std::string url = json_view(reply.body)["url"].text();
  auto path = "/files/" + id + ".jsonl.lz4";
  REQUIRE(url.starts_with("http://sim" + path + "?expires="));
  auto sign = url.find("&signature=");
  auto begin = url.find('=') + 1;
  std::multimap<std::string, std::string> query{
    {"expires", url.substr(begin, sign - begin)},
    {"signature", url.substr(sign + 11)}};
  CHECK(extralt.send("GET", path, query).status == 400);
  extralt.authorization.reset();
  auto file = extralt.send("GET", path, query);
  CHECK(file.status == 200);
  std::string piece;
  REQUIRE(file.pieces);
  CHECK(file.pieces(piece));
  CHECK(extralt.send("GET", path).status == 403);
  extralt.now += 11min;
  CHECK(extralt.send("GET", path, query).status == 403);
}

TEST_CASE("a failed run has no download") {
  simulator_options options;
  options.failing = 1;
  options.run_spread = 0;
  api extralt{options};
  auto id = extralt.create(3);
  extralt.now = 30s;
  CHECK(extralt.send("GET", "/runs/" + id + "/download").status == 404);
}

TEST_CASE("a signed URL may already have expired") {
  simulator_options options;
  options.expired_links = 1;
  options.run_spread = 0;
  api extralt{options};
  auto id = extralt.create(3);
  extralt.now = 30s;
  auto reply = extralt.send("GET", "/runs/" + id + "/download");
  std::string url = json_view(reply.body)["url"].text();
  auto sign = url.find("&signature=");
  auto begin = url.find('=') + 1;
  std::multimap<std::string, std::string> query{
    {"expires", url.substr(begin, sign - begin)},
    {"signature", url.substr(sign + 11)}};
  extralt.authorization.reset();
  CHECK(extralt.send("GET", "/files/" + id + ".jsonl.lz4", query).status
        == 403);
}
