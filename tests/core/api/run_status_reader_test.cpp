#include "core/api/run_status_reader.hpp"
#include "core/base/error.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

status_dialect extralt_status() {
  status_dialect dialect;
  dialect.state = {"/status"};
  dialect.queued = {"pending", "0"};
  dialect.active = {"running"};
  dialect.done = {"completed", "9"};
  dialect.failed = {"failed"};
  dialect.stopped = {"stopped"};
  dialect.extracted = {"/extractedCount", "/extracted"};
  dialect.queue = {"/queueSize"};
  dialect.started_at = {"/startedAt"};
  dialect.save = {{"ds", "/dataset/id"}};
  return dialect;
}

run_status status_in(std::string_view body) {
  auto run = read_run_status(extralt_status(), body);
  if (!run)
    FAIL(what_of(run.error()));
  return std::move(*run);
}

} // namespace

TEST_CASE("a run's state is compared as text") {
  struct row {
    std::string state;
    run_phase phase;
    bool known;
  };
  for (const auto& [state, phase, known] : {
         row{R"("pending")", run_phase::queued, true},
         row{"0", run_phase::queued, true},
         row{R"("running")", run_phase::active, true},
         row{R"("completed")", run_phase::done, true},
         row{"9", run_phase::done, true},
         row{R"("9")", run_phase::done, true},
         row{R"("failed")", run_phase::failed, true},
         row{R"("stopped")", run_phase::stopped, true},
         row{R"("COMPLETED")", run_phase::active, false},
         row{R"("")", run_phase::active, false},
         row{"6", run_phase::active, false},
       }) {
    CAPTURE(state);
    auto run = status_in(R"({"status":)" + state + "}");
    CHECK(run.phase == phase);
    CHECK(run.known == known);
  }
  CHECK(status_in(R"({"status":"a\u001b[31m"})").state == "a\\x1b[31m");
}

TEST_CASE("counters are optional and invalid ones are ignored") {
  auto run = status_in(R"({"status":"running","extracted":12,"queueSize":3.0,
                      "startedAt":1774874512106})");
  CHECK(run.extracted == 12);
  CHECK(run.queue == 3);
  CHECK(run.started_at_ms == 1774874512106);
  run = status_in(R"({"status":"running","extractedCount":-1,"queueSize":"3",
                 "startedAt":18446744073709551615})");
  CHECK_FALSE(run.extracted);
  CHECK_FALSE(run.queue);
  CHECK_FALSE(run.started_at_ms);
  CHECK_FALSE(
    status_in(R"({"status":"running","startedAt":null})").started_at_ms);
}

TEST_CASE("a status may contain any JSON") {
  auto run = status_in(R"({"x":"\ud83d","extractedCount":1e400,"extracted":3,
                      "y":1e999,"status":"running","status":"failed"})");
  CHECK(run.phase == run_phase::active);
  CHECK_FALSE(run.extracted);
  CHECK(status_in(R"({"status":"running\ud83d"})").state
        == "running\\xed\\xa0\\xbd");
}

TEST_CASE("values for later requests are saved") {
  using saved = std::map<std::string, std::string>;
  CHECK(status_in(R"({"status":"x","dataset":{"id":"d1"}})").saved
        == saved{{"ds", "d1"}});
  CHECK(status_in(R"({"status":"x","dataset":{"id":17}})").saved
        == saved{{"ds", "17"}});
  CHECK(status_in(R"({"status":"x","dataset":{"id":null}})").saved.empty());
  CHECK(status_in(R"({"status":"x","dataset":{"id":""}})").saved.empty());
  auto endless = std::string(16 * 1024 + 1, 'x');
  CHECK(status_in(R"({"status":"x","dataset":{"id":")" + endless + R"("}})")
          .saved.empty());
}

TEST_CASE("a status that cannot be read is an error") {
  for (auto body : {"", "{}", "<html>", R"({"status":null})",
                    R"({"status":{}})", R"({"status":"running")", "[]"}) {
    auto run = read_run_status(extralt_status(), body);
    REQUIRE_FALSE(run);
    CHECK(code_of(run.error()) == ec::bad_reply);
  }
}
