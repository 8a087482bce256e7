#include "pipeline/online/probe_run.hpp"

#include <catch2/catch.hpp>

#include <future>

using namespace sluice;
using namespace std::chrono_literals;
using enum probe_state;

namespace {

probe_task task(const std::string& subject, probe_state state) {
  return {subject, 60s, [=]() -> std::vector<named_result> {
            return {{subject, {state, "text"}}};
          }};
}

} // namespace

TEST_CASE("all probes are reported in order, even after a failure") {
  std::vector<std::string> lines;
  auto report =
    run_probes({task("a", failure), task("b", warning), task("c", ok)},
               [&](auto& named) { lines.push_back(line_of(named)); });
  CHECK(lines
        == std::vector<std::string>{"failure  a: text", "warning  b: text",
                                    "ok       c: text"});
  CHECK(report.failed);
  CHECK_FALSE(report.abandoned);
}

TEST_CASE("a warning is not a failure") {
  CHECK_FALSE(
    run_probes({task("a", warning), task("b", ok)}, [](auto&) {}).failed);
}

TEST_CASE("a probe that throws is a failure") {
  std::vector<std::string> lines;
  auto report =
    run_probes({{"a", 60s,
                 []() -> std::vector<named_result> {
                   throw std::runtime_error{"no memory"};
                 }}},
               [&](auto& named) { lines.push_back(line_of(named)); });
  CHECK(report.failed);
  CHECK(
    lines
    == std::vector<std::string>{"failure  a: cannot be checked: no memory"});
}

TEST_CASE("a probe that does not end fails at its time limit") {
  auto release = std::make_shared<std::promise<void>>();
  auto held = release->get_future().share();
  probe_task hangs{"slow", 10ms, [held]() -> std::vector<named_result> {
                     held.wait();
                     return {};
                   }};
  std::vector<std::string> lines;
  auto report = run_probes({std::move(hangs), task("b", ok)}, [&](auto& named) {
    lines.push_back(line_of(named));
  });
  release->set_value();
  CHECK(report.failed);
  CHECK(report.abandoned);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], Catch::StartsWith("failure  slow: no reply within"));
  CHECK(lines[1] == "ok       b: text");
}

TEST_CASE("a probe that may be late yields a warning at its time limit") {
  auto release = std::make_shared<std::promise<void>>();
  auto held = release->get_future().share();
  probe_task waits{"api.key", 10ms,
                   [held]() -> std::vector<named_result> {
                     held.wait();
                     return {};
                   },
                   warning};
  std::vector<std::string> lines;
  auto report = run_probes(
    {std::move(waits)}, [&](auto& named) { lines.push_back(line_of(named)); });
  release->set_value();
  CHECK_FALSE(report.failed);
  CHECK(report.abandoned);
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Catch::StartsWith("warning  api.key: no reply within"));
}
