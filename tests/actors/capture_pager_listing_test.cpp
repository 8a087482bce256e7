#include "tests/actors/pager_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

// -- irregular listings -------------------------------------------------------

TEST_CASE_METHOD(pager_fixture, "captures listed before are dropped and a page "
                                "without new ones is not delivered") {
  pages["r1/"] = page_with({"a", "b"}, "1");
  pages["r1/1"] = page_with({"a", "b"}, "2");
  pages["r1/2"] = page_with({"b", "c"});
  start();
  record_end(1, {"a", "b", "c"}, 3);
  advance(1s);
  REQUIRE(sink->pages.size() == 2);
  REQUIRE(sink->pages[1]->captures.size() == 1);
  CHECK(sink->pages[1]->bytes(sink->pages[1]->captures[0]) == "c");
  auto* run = part(1, 1);
  REQUIRE(run);
  CHECK(run->state.captures == 3);
  CHECK(run->state.repeated == 3);
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(
  pager_fixture,
  "a listing with fewer captures than reported is repeated after a pause") {
  pages["r1/"] = page_with({"a"});
  start();
  record_end(1, {"a", "b"}, 2);
  advance(4999ms);
  CHECK(fetches() == 1);
  CHECK(stages->committed.empty());
  pages["r1/"] = page_with({"a", "b"});
  advance(1ms);
  CHECK(fetches() == 2);
  advance(1s);
  CHECK(stages->committed.size() == 1);
  CHECK(sink->pages.size() == 2);
}

TEST_CASE_METHOD(
  pager_fixture,
  "captures that never arrive are a shortfall after the third listing") {
  pages["r1/"] = page_with({"a"});
  start();
  record_end(1, {"a", "b"}, 2);
  advance(1min);
  CHECK(fetches() == 3);
  CHECK(stages->committed.size() == 1);
  auto& last = store->checkpoints.back().runs.at(0);
  CHECK(last.done->outcome == run_outcome::completed);
  CHECK(last.done->extracted == 2);
  CHECK(last.state.captures == 1);
}

TEST_CASE_METHOD(pager_fixture, "an expired cursor restarts the listing") {
  pages["r1/"] = page_with({"a"}, "old");
  pages["r1/old"] = page_failing(read_outcome::gone);
  start();
  record_end(1, {"a", "b"});
  CHECK(fetches() == 2);
  pages["r1/"] = page_with({"a"}, "new");
  pages["r1/new"] = page_with({"b"});
  advance(6s);
  CHECK(stages->committed.size() == 1);
  CHECK(sink->pages.size() == 2);
  CHECK(store->checkpoints.back().runs.at(0).done->outcome
        == run_outcome::completed);
}

TEST_CASE_METHOD(
  pager_fixture,
  "a listing that loops ends as a lost run and keeps its captures") {
  pages["r1/"] = page_with({"a"}, "1");
  pages["r1/1"] = page_with({"b"}, "1");
  start();
  record_end(1, {"a", "b"});
  advance(1min);
  CHECK(fetches() == 6);
  CHECK(sink->pages.size() == 2);
  REQUIRE(stages->committed.size() == 1);
  auto& done = *store->checkpoints.back().runs.at(0).done;
  CHECK(done.outcome == run_outcome::lost);
  CHECK_THAT(done.state, Catch::Contains("cursor"));
}

TEST_CASE_METHOD(pager_fixture, "a run whose captures cannot be listed for a "
                                "minute is lost and the job continues") {
  pages["r1/"] = page_failing(read_outcome::gone);
  list(2, 1);
  start();
  record_end(1, {"a"});
  record_end(2, {"b"});
  advance(50s);
  CHECK(stages->committed == std::vector<batch_key>{2});
  advance(80s);
  CHECK(stages->committed == std::vector<batch_key>{2, 1});
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(pager_fixture,
                 "a run that was lost while polling is committed "
                 "without a request") {
  start();
  record_end(1, {"a"}, {}, run_outcome::lost);
  advance(1s);
  CHECK(fetches() == 0);
  CHECK(stages->committed.size() == 1);
  CHECK(part(1, 1)->done->outcome == run_outcome::lost);
}

TEST_CASE_METHOD(
  pager_fixture,
  "failed and stopped runs are read because their captures are paid for") {
  list(1, 2);
  start();
  record_end(1, {"r1-0"}, {}, run_outcome::failed);
  advance(1s);
  CHECK(sink->pages.size() == 2);
  CHECK(part(1, 1)->done->outcome == run_outcome::failed);
}

TEST_CASE_METHOD(
  pager_fixture,
  "a restart continues at the committed cursor and drops committed captures") {
  list(1, 3);
  store->starts[1].state.cursor = "1";
  store->starts[1].state.next_page = 1;
  store->starts[1].state.captures = 1;
  store->starts[1].seen = {identity_named("r1-0"), identity_named("r1-1")};
  start();
  record_end(1, {"r1-0", "r1-1", "r1-2"});
  CHECK(api->pages.at(0).cursor == "1");
  REQUIRE(sink->pages.size() == 1);
  CHECK(sink->pages[0]->number == 2);
  CHECK(sink->pages[0]->delivery == 1);
}

TEST_CASE_METHOD(pager_fixture,
                 "failed requests are repeated with backoff, and after a 429 "
                 "at once because the limiter delays them") {
  auto failures = GENERATE(
    std::vector{read_outcome::retry, read_outcome::not_ready},
    std::vector{read_outcome::rate_limited, read_outcome::rate_limited});
  list(1, 1);
  auto working = api->on_page;
  api->on_page = [&, working](const page_order& order) {
    return fetches() <= failures.size() ? page_failing(failures[fetches() - 1])
                                        : working(order);
  };
  start();
  record_end(1, {});
  CHECK(fetches() == (failures[0] == read_outcome::rate_limited ? 3 : 1));
  advance(3s);
  CHECK(fetches() == 3);
  CHECK(sink->pages.size() == 1);
}

TEST_CASE_METHOD(pager_fixture,
                 "a page that no repetition can fetch stops the job") {
  pages["r1/"] = page_failing(read_outcome::stop_job);
  start();
  record_end(1, {});
  advance(1min);
  CHECK(fetches() == 1);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
}
