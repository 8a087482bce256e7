#include "pipeline/serve/metrics.hpp"
#include "tests/pipeline/serve/live_fixture.hpp"
#include "tests/support/pages.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

TEST_CASE_METHOD(
  live_fixture,
  "metrics cover requests, runs, the bucket, the sinks and the account") {
  REQUIRE_FALSE(sink->write(page_of(1, {"{}", "{}"})));
  auto text = metrics_text(report.get(), live.get());
  for (auto* line :
       {"sluice_requests_total{kind=\"submit\",status=\"2xx\"} 1\n",
        "sluice_requests_total{kind=\"poll\",status=\"429\"} 1\n",
        "sluice_requests_total{kind=\"page\",status=\"none\"} 0\n",
        "sluice_urls{state=\"pending\"} 7\n", "sluice_held_batches 1\n",
        "sluice_captures_total 5\n", "sluice_tokens_limit 30\n",
        "sluice_sink_captures_total{sink=\"all\"} 2\n",
        "sluice_sink_lag_captures{sink=\"all\"} 3\n",
        "sluice_sink_write_seconds_count{sink=\"all\"} 1\n",
        "sluice_sink_rows{sink=\"rows\"} 40\n",
        "sluice_sink_dead_letters{sink=\"rows\"} 1\n",
        "sluice_column_gaps{sink=\"rows\",column=\"price\","
        "reason=\"missing\"} 2\n",
        "sluice_column_gaps{sink=\"rows\",column=\"price\","
        "reason=\"replaced\"} 0\n",
        "sluice_log_events_total{level=\"warn\"} ",
        "sluice_log_events_total{level=\"error\"} ",
        "# TYPE sluice_sink_write_seconds histogram\n",
        "sluice_job_running 1\n", "sluice_ledger_up 1\n"}) {
    INFO(line);
    CHECK_THAT(text, Contains(line));
  }
}

TEST_CASE_METHOD(live_fixture, "no metric contains external text") {
  CHECK_THAT(metrics_text(report.get(), live.get()),
             !Contains("onerror") && !Contains("run_1"));
}

TEST_CASE_METHOD(live_fixture,
                 "metrics say if there is no ledger or no running job") {
  auto text = metrics_text(nullptr, nullptr);
  CHECK_THAT(text, Contains("sluice_ledger_up 0\n")
                     && Contains("sluice_job_running 0\n")
                     && !Contains("sluice_urls"));
}
