// The stages together in virtual time with the real limiter and pool. The API
// is made of functions, the ledger is in memory, and the sink answers when
// told.

#pragma once

#include "actors/api_pool.hpp"
#include "actors/capture_pager.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/run_poller.hpp"
#include "actors/run_submitter.hpp"
#include "core/model/run.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

namespace sluice::test {

using namespace std::chrono_literals;

struct stages_fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  fake_sink_ptr sink = std::make_shared<fake_sink>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  run_settings runs;
  run_submitter_actor submitter;
  run_poller_actor poller;
  capture_pager_actor pager;

  static constexpr size_t window = 1000;
  static constexpr size_t page_bytes = 100;
  static constexpr uint64_t slots = 10 + 3; ///< max_concurrent + queue_ahead
  static constexpr uint64_t unread = 20;    ///< max_unread

  stages_fixture() {
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
                                              make_memory_bucket_store(full),
                                              counters});
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
    polling.max_concurrent = runs.max_concurrent;
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
    submitting.runs = runs;
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

} // namespace sluice::test
