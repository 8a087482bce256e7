#include "core/flow/job_plan.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

plan_terms terms(uint32_t slots, double run_seconds) {
  plan_terms result;
  result.requests_per_minute = 120;
  result.burst = 30;
  result.max_concurrent = slots;
  result.run_seconds = run_seconds;
  return result;
}

} // namespace

TEST_CASE(
  "requests are counted per robot and the last run of each may be smaller") {
  plan_terms of_40;
  of_40.page_size = 40;
  auto requests = plan_requests({{"a", 250}, {"b", 1}, {"c", 100}}, of_40);
  CHECK(requests.submits == 3 + 1 + 1);
  CHECK(requests.polls == 5);
  // 100 URLs are 3 pages, 50 are 2, 1 is 1.
  CHECK(requests.pages == 3 + 3 + 2 + 1 + 3);
  CHECK(requests.total() == 22);
}

TEST_CASE("the minimum time is the longest of the bounds") {
  // 600 requests, 30 at once, then 2 per second: 285 s.
  auto slow = plan_time({{"a", 20'000}}, terms(10, 60));
  CHECK(slow.tokens == Approx(285));
  CHECK(slow.slots == Approx(1'200));
  CHECK(slow.run == Approx(60));
  CHECK(slow.bound() == plan_bound::slots);
  CHECK(slow.least() == Approx(1'200));

  auto wide = plan_time({{"a", 20'000}}, terms(100, 60));
  CHECK(wide.bound() == plan_bound::tokens);
  CHECK(wide.least() == Approx(285));

  auto single = plan_time({{"a", 100}}, terms(100, 60));
  CHECK(single.tokens == 0);
  CHECK(single.bound() == plan_bound::run);
  CHECK(single.least() == Approx(60));
}

TEST_CASE("a run that is not full is assumed to be shorter") {
  auto half = plan_time({{"a", 50}}, terms(10, 60));
  CHECK(half.run == Approx(30));
}

TEST_CASE("an unlimited rate needs no time for tokens") {
  auto free = terms(10, 60);
  free.requests_per_minute = 0;
  CHECK(plan_time({{"a", 1'000'000}}, free).tokens == 0);
}

TEST_CASE("more slots are advised only while they help") {
  auto advices = advise({{"a", 20'000}}, terms(10, 60));
  REQUIRE(advices.size() == 1);
  CHECK(advices[0].key == "runs.max_concurrent");
  // 200 runs of 60 s in 285 s.
  CHECK(advices[0].value == "43");
  CHECK(advices[0].seconds == Approx(285));
}

TEST_CASE("larger runs are advised when tokens bound the job") {
  auto advices = advise({{"a", 1'000'000}}, terms(1'000, 60));
  REQUIRE(!advices.empty());
  CHECK(advices[0].key == "runs.urls_per_run");
  CHECK(advices[0].seconds
        < plan_time({{"a", 1'000'000}}, terms(1'000, 60)).least());
  for (auto& advice : advices)
    CHECK(std::stoul(advice.value) <= 5'000);
}

TEST_CASE("a download costs one request per run of any size") {
  auto paged = terms(10, 60);
  paged.page_size = 5;
  auto as_file = paged;
  as_file.download = true;
  CHECK(plan_requests({{"a", 250}}, paged).pages == 50);
  CHECK(plan_requests({{"a", 250}}, as_file).pages == 3);
}

TEST_CASE(
  "downloads are advised if pages bound the job and the API offers downloads") {
  // 100 runs of 20 pages take 2,200 requests or 1,085 s. Downloads take 300,
  // but then the slots take 600 s.
  auto paged = terms(10, 60);
  paged.page_size = 5;
  for (auto& advice : advise({{"a", 10'000}}, paged))
    CHECK(advice.key != "captures.fetch");
  paged.can_download = true;
  auto advices = advise({{"a", 10'000}}, paged);
  REQUIRE(!advices.empty());
  CHECK(advices[0].key == "captures.fetch");
  CHECK(advices[0].value == "download");
  CHECK(advices[0].seconds == Approx(600));
  paged.download = true;
  for (auto& advice : advise({{"a", 10'000}}, paged))
    CHECK(advice.key != "captures.fetch");
}

TEST_CASE("nothing is advised if nothing helps") {
  CHECK(advise({{"a", 100}}, terms(10, 60)).empty());
  CHECK(advise({}, terms(10, 60)).empty());
}
