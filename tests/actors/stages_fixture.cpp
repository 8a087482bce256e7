#include "tests/actors/stages_fixture.hpp"

#include "actors/api_pool.hpp"
#include "actors/rate_limiter.hpp"

namespace sluice::test {

stages_fixture::stages_fixture() {
  api->on_status = [](const run_ref&) { return status_of(run_phase::done); };
  api->on_page = [](const page_order& order) {
    return page_with({order.run.id}, {}, page_bytes);
  };
}

void stages_fixture::start() {
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
  paging.wall_ms = wall_ms;
  pager = spawn(capture_pager, paging);
  tell(poller, run_poller_links{submitter, pager});
}

} // namespace sluice::test
