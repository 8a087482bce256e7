#include "pipeline/report/progress.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};

} // namespace

TEST_CASE(
  "the line shows URLs, runs, the rate and the time left in 80 columns") {
  progress_facts facts;
  facts.urls_total = 12'000;
  facts.urls_settled = 3'999;
  facts.active_runs = 11;
  facts.unread_runs = 2;
  facts.requests_per_minute = 118.6;
  facts.limit_per_minute = 120;
  facts.time_left = 65min;
  auto line = progress_line(facts);
  CHECK(line
        == "3,999/12,000 URLs (33%), 11 runs, 119/120 req/min, "
           "1 h 05 min left, 2 being read");
  CHECK(line.size() <= 80);
  facts.bound_by = bottleneck::tokens;
  facts.unread_runs = 0;
  line = progress_line(facts);
  CHECK(line
        == "3,999/12,000 URLs (33%), 11 runs, 119/120 req/min, "
           "1 h 05 min left, bound by tokens");
  CHECK(line.size() <= 85);
  facts.bound_by.reset();
  facts.rate_limited = 2;
  facts.unread_runs = 0;
  facts.limit_per_minute = 0;
  CHECK(progress_line(facts)
        == "3,999/12,000 URLs (33%), 11 runs, 119 req/min, "
           "1 h 05 min left, 2 × 429");
}

TEST_CASE("the line shows runs that the API does not know") {
  progress_facts facts;
  CHECK(gone_text(facts.gone).empty());
  facts.failure = "the API fails: HTTP 404";
  facts.gone = {1, 404, "HTTP 404: no\nsuch run", 45s};
  CHECK_THAT(progress_line(facts),
             Catch::Contains(", the API answers 404 (no\\x0asuch run) for 1 "
                             "run, which is given up in 45.0 s")
               && !Catch::Contains("the API fails"));
  facts.gone = {1'200, 404, "HTTP 404", 23h};
  CHECK_THAT(
    progress_line(facts),
    Catch::Contains("answers 404 for 1,200 runs, the first of which is given "
                    "up in 23 h"));
}

TEST_CASE("the line says which limit holds up pending URLs") {
  progress_facts facts;
  facts.urls_total = 100;
  facts.urls_settled = 10;
  facts.limit = "this start has submitted its 20 URLs (--limit)";
  CHECK_THAT(
    progress_line(facts),
    Catch::Contains(", this start has submitted its 20 URLs (--limit)"));
}

TEST_CASE("the time left covers only what this start submits") {
  job_counters counters;
  progress_meter meter{start, 1000, 0, 120};
  meter.leave_out(800);
  counters.urls_settled = 100;
  counters.captures = 100;
  auto facts = meter.measure(start + 10min, counters);
  CHECK(facts.urls_total == 1000);
  REQUIRE(facts.time_left);
  CHECK(std::chrono::duration<double>(*facts.time_left).count()
        == Approx(10 * 60));
  counters.limit.set("it is used up");
  facts = meter.measure(start + 10min, counters);
  CHECK_FALSE(facts.time_left);
  CHECK(facts.limit == "it is used up");
  counters.limit.set({});
  counters.urls_settled = 200;
  CHECK_FALSE(meter.measure(start + 20min, counters).time_left);
}

TEST_CASE("a job without URLs is complete and one that is nearly done is not") {
  progress_facts facts;
  CHECK_THAT(progress_line(facts), Catch::StartsWith("0/0 URLs (100%)"));
  facts.urls_total = 1000;
  facts.urls_settled = 999;
  CHECK_THAT(progress_line(facts), Catch::Contains("(99%)"));
}

TEST_CASE("the rate covers the last minute") {
  job_counters counters;
  progress_meter meter{start, 1000, 0, 120};
  CHECK(meter.measure(start, counters).requests_per_minute == 0);
  // Two per second for five minutes, then none.
  auto now = start;
  auto second = [&](uint64_t requests) {
    now += 1s;
    counters.polls += requests;
    return meter.measure(now, counters).requests_per_minute;
  };
  // During the first minute the rate counts the requests so far.
  for (auto i = 1; i <= 60; ++i)
    CHECK(second(2) == Approx(2 * i));
  for (auto i = 0; i < 240; ++i)
    CHECK(second(2) == Approx(120));
  for (auto i = 0; i < 30; ++i)
    second(0);
  CHECK(meter.measure(now + 1s, counters).requests_per_minute
        == Approx(60).margin(5));
  for (auto i = 0; i < 60; ++i)
    second(0);
  CHECK(second(0) == 0);
}

TEST_CASE("the line shows the main bottleneck since the last update") {
  job_counters counters;
  progress_meter meter{start, 1000, 0, 120};
  CHECK_FALSE(meter.measure(start, counters).bound_by);
  counters.time.begin(start);
  CHECK_FALSE(meter.measure(start, counters).bound_by);
  counters.time.note(start, submit_wait::slots);
  CHECK(meter.measure(start + 1s, counters).bound_by == bottleneck::slots);
  counters.time.note(start + 1400ms, limiter_wait::tokens);
  CHECK(meter.measure(start + 2s, counters).bound_by == bottleneck::tokens);
  CHECK(meter.measure(start + 3s, counters).bound_by == bottleneck::tokens);
  counters.time.note(start + 3s, limiter_wait::none);
  CHECK(meter.measure(start + 4s, counters).bound_by == bottleneck::slots);
}

TEST_CASE("requests of all kinds count") {
  job_counters counters;
  progress_meter meter{start, 1000, 0, 120};
  (void)meter.measure(start, counters);
  counters.polls = 1;
  counters.submits = 2;
  counters.pages = 3;
  CHECK(meter.measure(start + 1min, counters).requests_per_minute == Approx(6));
}

TEST_CASE("the time left is based on the URLs that this process has settled") {
  job_counters counters;
  progress_meter meter{start, 1000, 400, 120};
  auto facts = meter.measure(start + 1min, counters);
  CHECK(facts.urls_settled == 400);
  CHECK_FALSE(facts.time_left);
  counters.urls_settled = 200;
  counters.captures = 180;
  facts = meter.measure(start + 10min, counters);
  CHECK(facts.urls_settled == 600);
  REQUIRE(facts.time_left);
  CHECK(std::chrono::duration<double>(*facts.time_left).count()
        == Approx(20 * 60));
  // Only the user knows how long held URLs will wait.
  counters.held_batches = 1;
  CHECK_FALSE(meter.measure(start + 10min, counters).time_left);
}

TEST_CASE(
  "no time is left at the end and the settled URLs never exceed the total") {
  job_counters counters;
  progress_meter meter{start, 1000, 0, 120};
  counters.urls_settled = 1001;
  counters.captures = 1001;
  auto facts = meter.measure(start + 1min, counters);
  CHECK(facts.urls_settled == 1000);
  CHECK_FALSE(facts.time_left);
}

TEST_CASE("the time left of a crawling job does not overflow") {
  job_counters counters;
  progress_meter meter{start, UINT64_MAX / 2, 0, 120};
  counters.urls_settled = 1;
  counters.captures = 1;
  auto facts = meter.measure(start + 24h, counters);
  REQUIRE(facts.time_left);
  CHECK(*facts.time_left > 24h * 365);
}

TEST_CASE("the time left is unknown until the first capture") {
  job_counters counters;
  progress_meter meter{start, 1000, 0, 120};
  counters.urls_settled = 100;
  auto facts = meter.measure(start + 10min, counters);
  CHECK(facts.urls_settled == 100);
  CHECK_FALSE(facts.time_left);
}

TEST_CASE("the line names a sink that fails and shows what has been bought") {
  job_counters counters;
  progress_meter meter{start, 10'000, 0, 120};
  counters.urls_bought = 3'300;
  counters.sink_failure.set("sink 'hook' fails: answered 503");
  auto line = progress_line(meter.measure(start + 1s, counters));
  CHECK_THAT(line, Catch::StartsWith("0/10,000 URLs (0%)")
                     && Catch::EndsWith(
                       ", 3,300 bought, sink 'hook' fails: answered 503"));
}

TEST_CASE("the line says why the API or one of its links fails") {
  job_counters counters;
  progress_meter meter{start, 1000, 0, 120};
  counters.link_failure.set("a download fails: HTTP 403 of files.example");
  auto line = progress_line(meter.measure(start + 1s, counters));
  CHECK_THAT(line,
             Catch::EndsWith(", a download fails: HTTP 403 of files.example"));
  counters.api_failure.set("HTTP 502");
  line = progress_line(meter.measure(start + 2s, counters));
  CHECK_THAT(line, Catch::EndsWith(", the API fails: HTTP 502"));
  // Nothing is requested while the job waits for a sink.
  counters.time.begin(start + 2s);
  counters.time.note(start + 2s, page_wait::sinks);
  line = progress_line(meter.measure(start + 3s, counters));
  CHECK_THAT(line, Catch::EndsWith(", bound by sinks"));
  counters.link_failure.set({});
  counters.api_failure.set({});
  line = progress_line(meter.measure(start + 4s, counters));
  CHECK_THAT(line, !Catch::Contains("fails"));
}
