// The machine interfaces of a running job.

#include "tests/end_to_end/served_job.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

class served_job : public slow_job {
public:
  served_job() : slow_job{slower(12)} { write_config("serve: 127.0.0.1:0\n"); }
};

} // namespace

TEST_CASE("a running job is ready and its status equals `status --json` byte "
          "for byte") {
  served_job job;
  program running{job.command()};
  auto port = port_in(wait_for_page(running));
  CHECK(body_of(port, "/healthz") == "ok\n");
  job.wait_for_captures(running);
  CHECK(body_of(port, "/readyz") == "ready\n");
  // Nothing changes while the API does not answer.
  job.pause_answers(3'600);
  std::string before, printed, after;
  for (auto tries = 0; tries < 15 && (tries == 0 || before != after); ++tries) {
    before = body_of(port, "/api/status");
    printed = job.call("status", {"--json"}).out;
    std::this_thread::sleep_for(1s);
    after = body_of(port, "/api/status");
  }
  REQUIRE(before == after);
  CHECK(printed == before);
  running.signal(SIGKILL);
  static_cast<void>(running.wait());
}

TEST_CASE(
  "metrics and events of a running job are served and contain no secret") {
  served_job job;
  program running{job.command()};
  auto port = port_in(wait_for_page(running));
  job.wait_for_captures(running);
  auto metrics = body_of(port, "/metrics");
  CHECK_THAT(metrics, Contains("sluice_job_running 1\n")
                        && Contains("sluice_sink_captures_total{sink="));
  auto events = stream_until(port, "/api/events", "\"phase\":\"running\"");
  CHECK_THAT(events, Catch::StartsWith("event: history\ndata: [")
                       && Contains("\ndata: {\"job\":\"job\""));
  for (auto& text :
       {metrics, events, body_of(port, "/"), body_of(port, "/api/status")})
    CHECK_THAT(text, !Contains(secret_key));
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
}

TEST_CASE("the served pages are read-only, restricted to this machine's "
          "readers, and cannot be framed") {
  served_job job;
  program running{job.command()};
  auto port = port_in(wait_for_page(running));
  httplib::Client client{"127.0.0.1", port};
  auto posted = client.Post("/api/status", "{}", "application/json");
  REQUIRE(posted);
  CHECK(posted->status == 405);
  CHECK(posted->get_header_value("Allow") == "GET");
  for (auto* path : {"/", "/api/status", "/api/events", "/metrics"}) {
    auto rebound = client.Get(path, {{"Host", "evil.example"}});
    REQUIRE(rebound);
    CHECK(rebound->status == 403);
  }
  auto foreign = client.Get("/api/status", {{"Sec-Fetch-Site", "cross-site"}});
  REQUIRE(foreign);
  CHECK(foreign->status == 403);
  auto page = client.Get("/");
  REQUIRE(page);
  CHECK_THAT(page->get_header_value("Content-Security-Policy"),
             Contains("default-src 'none'") && Contains("frame-ancestors"));
  CHECK(page->get_header_value("X-Content-Type-Options") == "nosniff");
  CHECK(body_of(port, "/../etc/passwd", 404).size() < 100);
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
}

TEST_CASE("a port in use is refused before anything is sent") {
  slow_job job;
  auto taken = "serve=127.0.0.1:" + std::to_string(job.api().port());
  auto result = job.run({"--set", taken});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("is in use") && Contains("serve=HOST:PORT"));
  CHECK(in_stats(job.api(), "/requests/submit") == 0);
  CHECK_FALSE(std::filesystem::exists(job.file("job.sluice")));
}

TEST_CASE("a run whose port is held by a forgotten serve says what to stop") {
  served_job job;
  job.stop_midway();
  auto submits = in_stats(job.api(), "/requests/submit");
  auto input = job.command();
  input.arguments[0] = "serve";
  program forgotten{input};
  auto port = std::to_string(port_in(wait_for_page(forgotten)));
  auto result = job.run({"--set", "serve=127.0.0.1:" + port});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("a `sluice serve` that was left open")
                           && Contains("nothing was sent"));
  CHECK(in_stats(job.api(), "/requests/submit") == submits);
  forgotten.signal(SIGTERM);
  CHECK(forgotten.wait().exit_code == 0);
  job.check_completes();
}

TEST_CASE(
  "clients that are slow, silent or too many do not delay the end of the job") {
  served_job job;
  program running{job.command()};
  auto port = port_in(wait_for_page(running));
  std::vector<std::unique_ptr<stuck_client>> clients;
  for (auto i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<stuck_client>(
      port, "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    clients.push_back(std::make_unique<stuck_client>(port));
    clients.push_back(std::make_unique<stuck_client>(port, "GET / HT"));
  }
  job.wait_for_captures(running);
  auto asked = std::chrono::steady_clock::now();
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
  CHECK(std::chrono::steady_clock::now() - asked < 20s);
  job.check_completes();
}

TEST_CASE("serve is refused if it is not an address") {
  slow_job job;
  auto result = job.run({"--set", "serve=here"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("serve is \"here\": write a port"));
}
