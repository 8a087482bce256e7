// A job in progress with hostile text in every external value.

#pragma once

#include "core/model/account.hpp"
#include "pipeline/serve/live_job.hpp"
#include "pipeline/serve/report_reader.hpp"
#include "tests/support/recording_sink.hpp"

#include <memory>
#include <string>

namespace sluice::test {

inline const std::string hostile = "</script><img src=x onerror=\"alert(1)\">";

struct live_fixture {
  live_fixture() {
    auto profile = std::make_shared<api_profile>();
    config.api.profile = profile;
    config.name = "shoes";
    config.file = "/jobs/it's/job.yaml";
    report->job = config.name;
    report->job_id = "1f";
    report->imported = true;
    report->numbers.captured = 3;
    report->numbers.held = 20;
    report->numbers.held_batches = 1;
    report->numbers.pending = 7;
    round_report first;
    first.captured = first.urls = 30;
    round_report retry{1, 1'764'482'460'000, {2, 1, 0}, 3, 2, 1};
    report->numbers.rounds = {first, retry};
    report->context.row_sinks = {{"rows", {{40, {{2, 1, 0}}}, 1, {"price"}}}};
    report->context.held = {{17, 20, hostile, "run_1"}};
    report->context.rejected = {{18, 1, "HTTP 422: " + hostile}};
    counters->submits = 2;
    counters->captures = 5;
    counters->submit_replies.add(200);
    counters->poll_replies.add(429);
    run_bar bar;
    bar.batch = 4;
    bar.id = hostile;
    counters->runs.put(bar);
    live = std::make_shared<live_job>(counters, bucket_limits{});
    sink = live->watch(
      "all", std::make_shared<recording_sink>(std::make_shared<sink_record>()));
    bucket =
      live->watch(std::shared_ptr<bucket_store>{make_memory_bucket_store({})});
    static_cast<void>(bucket->update([](bucket_state&) {}));
    live->enter(job_phase::running);
    live->note({});
  }

  settings config;
  std::shared_ptr<job_report> report = std::make_shared<job_report>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  std::shared_ptr<live_job> live;
  std::shared_ptr<sluice::sink> sink;
  std::shared_ptr<bucket_store> bucket;
};

} // namespace sluice::test
