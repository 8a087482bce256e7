#include "simulator/options_check.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <limits>

using namespace sluice;

TEST_CASE("the default options are valid") {
  CHECK_FALSE(sim::check({}));
}

TEST_CASE("an option outside its range is named") {
  using change = std::function<void(simulator_options&)>;
  auto nan = std::numeric_limits<double>::quiet_NaN();
  auto [name, apply] = GENERATE_COPY(table<std::string, change>({
    {"dialect", [](auto& o) { o.dialect = "extralt-v9"; }},
    {"list_runs", [](auto& o) { o.list_runs = "all"; }},
    {"idempotency_header", [](auto& o) { o.idempotency_header = "a b"; }},
    {"speed", [](auto& o) { o.speed = 0; }},
    {"speed", [=](auto& o) { o.speed = nan; }},
    {"run_seconds", [](auto& o) { o.run_seconds = -1; }},
    {"late_seconds", [](auto& o) { o.late_seconds = -1; }},
    {"unreadable", [](auto& o) { o.unreadable = 2; }},
    {"unreadable_seconds", [](auto& o) { o.unreadable_seconds = -1; }},
    {"run_spread", [](auto& o) { o.run_spread = 1.1; }},
    {"missing", [](auto& o) { o.missing = -0.1; }},
    {"expired_links", [=](auto& o) { o.expired_links = nan; }},
    {"cut_frames", [=](auto& o) { o.cut_frames = 1.1; }},
    {"failing", [=](auto& o) { o.failing = nan; }},
    {"extra", [](auto& o) { o.extra = 1; }},
    {"max_concurrent", [](auto& o) { o.max_concurrent = 0; }},
    {"page_size", [](auto& o) { o.page_size = 0; }},
    {"captures_per_url", [](auto& o) { o.captures_per_url = 0; }},
    {"burst", [](auto& o) { o.burst = 0; }},
    {"sum of faults", [](auto& o) { o.reset = o.truncate = 0.6; }},
  }));
  simulator_options options;
  apply(options);
  auto err = sim::check(options);
  CHECK(code_of(err) == ec::usage);
  CHECK(what_of(err).find(name) != std::string::npos);
}
