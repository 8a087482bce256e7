// The simulator over loopback, as its clients use it.

#include "simulator/simulator.hpp"
#include "tests/support/json_view.hpp"
#include "tests/support/simulator_fixture.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

const httplib::Headers key{{"Authorization", "Bearer k"}};

std::unique_ptr<httplib::Client> connect(const simulator& api) {
  auto client = std::make_unique<httplib::Client>("127.0.0.1", api.port());
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  client->set_read_timeout(20s);
  return client;
}

/// The id of a new run of one URL, or "" if it was refused. Checks nothing
/// because Catch's macros work only on the main thread.
std::string create_run(httplib::Client& client, const std::string& url) {
  auto reply =
    client.Post("/runs", key, R"({"robotId":"r","urls":[")" + url + R"("]})",
                "application/json");
  if (!reply || reply->status != 201)
    return {};
  constexpr std::string_view member = R"("_id":")";
  auto begin = reply->body.find(member) + member.size();
  return reply->body.substr(begin, reply->body.find('"', begin) - begin);
}

std::chrono::milliseconds time_of(const std::function<void()>& work) {
  auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration_cast<std::chrono::milliseconds>(
    std::chrono::steady_clock::now() - begin);
}

} // namespace

TEST_CASE("the base URL contains host, port and the dialect's prefix") {
  auto options = unhurried_options();
  simulator_fixture legacy{options};
  auto origin = "http://127.0.0.1:" + std::to_string(legacy.api.port());
  CHECK(legacy.api.base_url() == origin);
  options.dialect = "extralt-v0";
  simulator_fixture v0{options};
  CHECK(v0.api.base_url()
        == "http://127.0.0.1:" + std::to_string(v0.api.port()) + "/v0/extract");
}

TEST_CASE("a simulator with invalid options does not start") {
  simulator_options options;
  options.dialect = "soap";
  simulator api{options};
  CHECK(code_of(api.start()) == ec::usage);
}

TEST_CASE("a port in use is refused") {
  simulator_fixture first;
  auto options = unhurried_options();
  options.port = first.api.port();
  simulator second{options};
  auto err = second.start();
  CHECK(code_of(err) == ec::unavailable);
  CHECK(what_of(err).find(std::to_string(options.port)) != std::string::npos);
}

TEST_CASE("a port is free again after the simulator has stopped") {
  auto options = unhurried_options();
  {
    simulator_fixture first;
    auto client = connect(first.api);
    CHECK(client->Get("/__stats"));
    options.port = first.api.port();
  }
  simulator_fixture second{options};
}

TEST_CASE("stop does not wait for idle connections") {
  simulator_fixture extralt;
  std::vector<std::unique_ptr<httplib::Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(connect(extralt.api));
    REQUIRE(clients.back()->Get("/__stats"));
  }
  CHECK(time_of([&] { extralt.api.stop(); }) < 2s);
  extralt.api.stop();
}

TEST_CASE("stop does not wait for the end of a pause") {
  simulator_fixture extralt;
  auto client = connect(extralt.api);
  REQUIRE(client->Post("/__control", R"({"pause_seconds":3600})",
                       "application/json"));
  std::thread held{[&] {
    auto waiting = connect(extralt.api);
    static_cast<void>(waiting->Get("/runs/x", key));
  }};
  CHECK(time_of([&] { extralt.api.stop(); }) < 2s);
  held.join();
}

TEST_CASE("a restart keeps the runs and the port but not the connections") {
  simulator_fixture extralt;
  auto client = connect(extralt.api);
  auto id = create_run(*client, "https://a/");
  auto port = extralt.api.port();
  auto base = extralt.api.base_url();
  REQUIRE_FALSE(extralt.api.restart());
  CHECK(extralt.api.port() == port);
  CHECK(extralt.api.base_url() == base);
  auto fresh = connect(extralt.api);
  auto run = fresh->Get("/runs/" + id, key);
  REQUIRE(run);
  CHECK(json_view(run->body)["_id"] == id);
  CHECK(json_view(extralt.api.stats())["runs_created"] == 1);
  size_t runs = 0;
  extralt.api.each_run([&](const created_run&) { ++runs; });
  CHECK(runs == 1);
}

TEST_CASE("a restart ends a pause and refills the bucket") {
  auto options = unhurried_options();
  options.requests_per_minute = 1;
  options.burst = 1;
  simulator_fixture extralt{options};
  auto client = connect(extralt.api);
  auto first = client->Get("/runs/x", key);
  auto second = client->Get("/runs/x", key);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->status == 404);
  CHECK(second->status == 429);
  REQUIRE(client->Post("/__control", R"({"pause_seconds":3600})",
                       "application/json"));
  auto held = std::async(std::launch::async, [&] {
    return static_cast<bool>(connect(extralt.api)->Get("/runs/x", key));
  });
  REQUIRE_FALSE(extralt.api.restart());
  // Whether it arrived before or after the restart is a matter of chance.
  static_cast<void>(held.get());
  REQUIRE_FALSE(extralt.api.restart());
  auto fresh = connect(extralt.api)->Get("/runs/x", key);
  REQUIRE(fresh);
  CHECK(fresh->status == 404);
}

TEST_CASE("restarts under load lose requests but no run and no count") {
  simulator_fixture extralt;
  constexpr int clients = 8;
  std::atomic<bool> is_over = false;
  std::atomic<int> answered = 0;
  std::atomic<int> lost = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      for (int j = 0; !is_over; ++j) {
        auto client = connect(extralt.api);
        auto id = create_run(*client, "https://a/" + std::to_string(i) + '/'
                                        + std::to_string(j));
        ++(id.empty() ? lost : answered);
        answered.notify_one();
      }
    });
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(extralt.api.restart());
    auto wanted = answered + 20;
    for (int now = answered; now < wanted; now = answered)
      answered.wait(now);
  }
  is_over = true;
  for (auto& thread : threads)
    thread.join();
  auto stats = json_view(extralt.api.stats());
  auto created = stats["runs_created"].raw().GetInt();
  CHECK(created >= answered);
  CHECK(created <= answered + lost);
  CHECK(stats["urls_submitted_twice"] == 0);
  int runs = 0;
  extralt.api.each_run([&](const created_run&) { ++runs; });
  CHECK(runs == created);
}

TEST_CASE("a pause holds up the API but not its statistics") {
  simulator_fixture extralt;
  auto client = connect(extralt.api);
  auto reply =
    client->Post("/__control", R"({"pause_seconds":3600})", "application/json");
  REQUIRE(reply);
  CHECK(reply->status == 200);
  std::atomic<bool> is_opening = false;
  auto held = std::async(std::launch::async, [&] {
    auto late = connect(extralt.api)->Get("/runs/x", key);
    return is_opening && late && late->status == 404;
  });
  auto stats = client->Get("/__stats");
  REQUIRE(stats);
  CHECK(json_view(stats->body)["requests"]["status"] == 0);
  is_opening = true;
  CHECK(
    client->Post("/__control", R"({"pause_seconds":0})", "application/json"));
  CHECK(held.get());
}

TEST_CASE("an unknown control request changes nothing") {
  simulator_fixture extralt;
  auto client = connect(extralt.api);
  auto order =
    GENERATE(as<std::string>{}, "", "[]", R"({"pause":1})",
             R"({"pause_seconds":"1"})", R"({"pause_seconds":-1})",
             R"({"pause_seconds":1e300})", R"({"reset_stats":false})");
  auto reply = client->Post("/__control", order, "application/json");
  REQUIRE(reply);
  CHECK(reply->status == 400);
}

TEST_CASE("statistics can be reset") {
  simulator_fixture extralt;
  auto client = connect(extralt.api);
  CHECK_FALSE(create_run(*client, "https://a/").empty());
  REQUIRE(
    client->Post("/__control", R"({"reset_stats":true})", "application/json"));
  auto stats = json_view(extralt.api.stats());
  CHECK(stats["requests"]["submit"] == 0);
  CHECK(stats["terminal"] == 1);
}

TEST_CASE("the header of an idempotency key matches in any case") {
  auto options = unhurried_options();
  options.idempotency_header = "X-Once";
  simulator_fixture extralt{options};
  auto client = connect(extralt.api);
  auto post = [&](const std::string& header) {
    auto headers = key;
    headers.emplace(header, "k1");
    auto run =
      client->Post("/runs", headers, R"({"robotId":"r","urls":["https://a/"]})",
                   "application/json");
    REQUIRE(run);
    return json_view(run->body)["_id"].text();
  };
  auto id = post("X-Once");
  CHECK(post("x-once") == id);
  CHECK(post("X-Twice") != id);
}

TEST_CASE("an escaped cursor works in a query") {
  auto options = unhurried_options();
  options.page_size = 1;
  simulator_fixture extralt{options};
  auto client = connect(extralt.api);
  auto run = client->Post(
    "/runs", key, R"({"robotId":"r","urls":["https://a/","https://b/"]})",
    "application/json");
  REQUIRE(run);
  std::string id = json_view(run->body)["_id"].text();
  auto first = client->Get("/captures", {{"runId", id}}, key);
  REQUIRE(first);
  std::string next = json_view(first->body)["nextCursor"].text();
  auto second =
    client->Get("/captures", {{"runId", id}, {"cursor", next}}, key);
  REQUIRE(second);
  CHECK(json_view(second->body)["items"][0]["url"] == "https://b/");
}

TEST_CASE("a download is complete unless a fault truncates it") {
  auto options = unhurried_options();
  simulator_fixture extralt{options};
  auto client = connect(extralt.api);
  auto id = create_run(*client, "https://a/");
  auto reply = client->Get("/runs/" + id + "/download", key);
  REQUIRE(reply);
  std::string url = json_view(reply->body)["url"].text();
  auto origin = extralt.api.base_url();
  REQUIRE(url.starts_with(origin + "/files/"));
  auto file = client->Get(url.substr(origin.size()));
  REQUIRE(file);
  CHECK(file->status == 200);
  CHECK(file->body.substr(0, 4) == "\x04\x22\x4d\x18");
}

TEST_CASE("many clients at once create each run once") {
  simulator_fixture extralt;
  constexpr int clients = 48;
  constexpr int runs = 20;
  std::atomic<int> created = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      auto client = connect(extralt.api);
      for (int j = 0; j < runs; ++j) {
        auto id = create_run(*client, "https://a/" + std::to_string(i) + '/'
                                        + std::to_string(j));
        auto page = client->Get("/captures", {{"runId", id}}, key);
        created += page && page->status == 200 && !id.empty() ? 1 : 0;
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(created == clients * runs);
  auto stats = json_view(extralt.api.stats());
  CHECK(stats["runs_created"] == clients * runs);
  CHECK(stats["urls_submitted_twice"] == 0);
  CHECK(stats["captures_served"] == clients * runs);
}

TEST_CASE(
  "faults reach the client as transport errors in the configured shares") {
  auto options = unhurried_options();
  options.reset = 0.1;
  options.lost_reply = 0.1;
  options.truncate = 0.1;
  options.error_503 = 0.1;
  simulator_fixture extralt{options};
  auto client = connect(extralt.api);
  int replies = 0;
  int errors = 0;
  for (int i = 0; i < 200; ++i) {
    auto reply = client->Get("/runs/x", key);
    replies += reply && reply->status == 404 ? 1 : 0;
    errors += reply ? 0 : 1;
  }
  auto stats = json_view(extralt.api.stats());
  auto faults = stats["faults"];
  CHECK(errors
        == faults["reset"].raw().GetInt() + faults["lost_reply"].raw().GetInt()
             + faults["truncate"].raw().GetInt());
  CHECK(replies == 200 - errors - faults["error_503"].raw().GetInt());
  CHECK(errors > 30);
  CHECK(errors < 90);
}
