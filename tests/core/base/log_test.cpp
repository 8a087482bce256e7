#include "core/base/log.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE(
  "warnings and errors are kept for later readers, even if no log is written") {
  configure_log("off", false);
  auto before = recent_problems();
  log_event(log_level::info, "imported", "no problem");
  log_event(log_level::warn, "sink_waits", "it waits",
            {{"reason", "down\nagain"}});
  log_event(log_level::error, "run_lost", std::string(10'000, 'x'));
  auto after = recent_problems();
  CHECK(after.warnings == before.warnings + 1);
  CHECK(after.errors == before.errors + 1);
  REQUIRE(after.latest.size() >= 2);
  auto& warning = after.latest[after.latest.size() - 2];
  CHECK(warning.event == "sink_waits");
  CHECK(warning.level == log_level::warn);
  CHECK(warning.at_ms > 0);
  CHECK(warning.fields.at(0).second == R"(down\x0aagain)");
  CHECK(after.latest.back().sentence.size() < 600);
  for (auto i = 0; i < 200; ++i)
    log_event(log_level::warn, "poll_failed", "again");
  CHECK(recent_problems().latest.size() == most_problems_kept);
  CHECK(recent_problems().warnings == after.warnings + 200);
  configure_log("info", false);
}
