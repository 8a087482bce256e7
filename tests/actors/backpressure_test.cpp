// The stages together, with the real limiter and pool: what a sink that takes
// nothing, or takes slowly, does to the whole flow, in exact numbers.

#include "actors/api_pool.hpp"
#include "actors/capture_pager.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/run_poller.hpp"
#include "actors/run_submitter.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  fake_sink_ptr sink = std::make_shared<fake_sink>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  run_submitter_actor submitter;
  run_poller_actor poller;
  capture_pager_actor pager;

  static constexpr size_t window = 1000;
  static constexpr size_t page_bytes = 100;
  static constexpr uint64_t slots = 10 + 3; ///< max_concurrent + queue_ahead
  static constexpr uint64_t unread = 20;    ///< max_unread

  fixture() {
    api->on_status = [](const run_ref&) { return status_of(run_phase::done); };
    api->on_page = [](const page_order& order) {
      return page_with({order.run.id}, {}, page_bytes);
    };
  }

  void start() {
    auto config = run_submitter_config{};
    auto keeper = spawn(fake_keeper, store);
    auto supervisor = spawn(supervisor_double, boss);
    bucket_state full{30, now()};
    auto limiter =
      spawn(rate_limiter, rate_limiter_config{{2, 30, 15s, 10min},
                                              make_memory_bucket_store(full)});
    std::vector<api_worker_actor> workers;
    for (auto i = 0; i < 10; ++i)
      workers.push_back(spawn(fake_worker, api));
    auto pool = spawn(api_pool, api_pool_config{workers, limiter, counters});
    auto wall_ms = [this] {
      return std::chrono::duration_cast<std::chrono::milliseconds>(
               now().time_since_epoch())
        .count();
    };

    run_poller_config polling;
    polling.limiter = limiter;
    polling.pool = pool;
    polling.ledger = keeper;
    polling.supervisor = supervisor;
    polling.max_age = 24h;
    polling.max_pending = 24h;
    polling.counters = counters;
    polling.wall_ms = wall_ms;
    poller = spawn(run_poller, polling);

    run_submitter_config submitting;
    submitting.reader = spawn(fake_reader, keeper);
    submitting.limiter = limiter;
    submitting.pool = pool;
    submitting.ledger = keeper;
    submitting.poller = poller;
    submitting.supervisor = supervisor;
    submitting.counters = counters;
    submitting.wall_ms = wall_ms;
    submitter = spawn(run_submitter, submitting);

    capture_pager_config paging;
    paging.limiter = limiter;
    paging.pool = pool;
    paging.ledger = keeper;
    paging.submitter = submitter;
    paging.supervisor = supervisor;
    paging.sinks = {spawn(sink_double, sink)};
    paging.counters = counters;
    paging.window = window;
    pager = spawn(capture_pager, paging);
    tell(poller, run_poller_links{submitter, pager});
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a sink that takes nothing stops submitting at "
                          "exactly 33 runs and paging at a full window") {
  store->plan_singles(1000);
  start();
  sink->acks = false;
  for (auto minute = 0; minute < 60; ++minute) {
    advance(1min);
    CHECK(api->submits.size() <= slots + unread);
    CHECK(counters->window_bytes <= window);
  }
  CHECK(api->submits.size() == slots + unread); // 33
  CHECK(api->pages.size() == window / page_bytes);
  CHECK(sink->pages.size() == window / page_bytes);
  CHECK(counters->window_bytes == window);
  CHECK(counters->unread_runs == slots + unread);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(fixture, "when the sink takes pages again, all runs come "
                          "through") {
  store->plan_singles(100);
  start();
  sink->acks = false;
  advance(30min);
  REQUIRE(api->submits.size() == slots + unread);
  sink->acks = true;
  sink->answer();
  advance(30min);
  CHECK(api->submits.size() == 100);
  CHECK(sink->pages.size() == 100);
  CHECK(counters->runs_done == 100);
  CHECK(counters->window_bytes == 0);
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(fixture, "a ledger that answers no commit stops submitting at "
                          "the same number") {
  store->plan_singles(1000);
  start();
  advance(1s);
  sink->acks = true;
  // Everything is read, nothing of it committed.
  store->failing.clear();
  auto stop_commits = [&] {
    for (auto& cut : store->cuts)
      if (!cut.runs.empty())
        return true;
    return false;
  };
  while (!stop_commits())
    advance(100ms);
  store->silent = true;
  advance(10min);
  CHECK(api->submits.size() <= slots + unread);
  store->silent = false;
  store->answer();
  advance(30min);
  CHECK(api->submits.size() > 100);
}

TEST_CASE_METHOD(fixture, "undisturbed, 300 runs cost three requests each and "
                          "no more") {
  store->plan_singles(300);
  start();
  advance(1h);
  CHECK(boss->finished == 1);
  CHECK(api->submits.size() == 300);
  CHECK(api->polls.size() == 300);
  CHECK(api->pages.size() == 300);
}
