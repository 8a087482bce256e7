#include "pipeline/serve/live_job.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("a live job keeps exactly its last five minutes") {
  auto counters = std::make_shared<job_counters>();
  live_job job{counters, bucket_limits{}};
  CHECK(job.history().empty());
  CHECK_FALSE(job.snapshot().facts);
  for (uint64_t i = 0; i < 1'000; ++i) {
    counters->captures = i;
    progress_facts facts;
    facts.urls_settled = i;
    job.note(facts);
  }
  auto samples = job.history();
  REQUIRE(samples.size() == live_job::most_samples);
  CHECK(samples.front().captures == 1'000 - live_job::most_samples);
  CHECK(samples.back().captures == 999);
  CHECK(samples.back().tokens == -1);
  CHECK(job.snapshot().facts->urls_settled == 999);
}

TEST_CASE(
  "a live job counts as running until it has ended, even while it stops") {
  live_job job{std::make_shared<job_counters>(), bucket_limits{}};
  CHECK_FALSE(job.is_running());
  job.enter(job_phase::importing, "12 records");
  CHECK_FALSE(job.is_running());
  CHECK(job.snapshot().detail == "12 records");
  job.enter(job_phase::running);
  CHECK(job.is_running());
  CHECK(job.snapshot().detail.empty());
  job.enter(job_phase::stopping);
  CHECK(job.is_running());
  job.enter(job_phase::ended, "interrupted");
  CHECK_FALSE(job.is_running());
}
