// A poller, with test doubles of everything it talks to.

#pragma once

#include "actors/run_poller.hpp"
#include "core/base/log.hpp"
#include "core/model/batch.hpp"
#include "core/model/run.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

namespace sluice::test {

using namespace std::chrono_literals;

struct run_poller_fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_limiter_ptr permits = std::make_shared<fake_limiter>();
  fake_stages_ptr stages = std::make_shared<fake_stages>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  run_poller_config config;
  run_poller_actor poller;
  int64_t wall_ms = 5'000'000;

  run_poller_fixture() {
    store->log = api->log;
    stages->log = api->log;
    config.max_age = 24h;
    config.max_pending = 72h;
    config.counters = counters;
    // The wall clock follows the virtual one.
    config.wall_ms = [this, begin = now()] {
      return wall_ms
             + std::chrono::duration_cast<std::chrono::milliseconds>(now()
                                                                     - begin)
                 .count();
    };
  }

  void start() {
    config.ledger = spawn(fake_keeper, store);
    config.limiter = spawn(limiter_double, permits);
    config.pool = spawn(fake_pool, api);
    config.supervisor = spawn(supervisor_double, boss);
    poller = spawn(run_poller, config);
    run_poller_links links;
    links.submitter = spawn(submitter_double, stages);
    links.pager = spawn(pager_double, stages);
    tell(poller, links);
  }

  /// The run of batch `key`, submitted now.
  void add(batch_key key) { tell(poller, run_of(key)); }

  /// A run that an earlier process submitted `age` ago by the wall clock.
  void add_earlier(batch_key key, std::chrono::milliseconds age) {
    auto run = run_of(key);
    run.submitted_at_ms -= age.count();
    run.submitted_elsewhere = true;
    tell(poller, run);
  }

  [[nodiscard]] active_run run_of(batch_key key) const {
    return {key, run_ref{"run_" + std::to_string(key), {}}, 5,
            config.wall_ms()};
  }

  void always(const status_reply& reply) {
    api->on_status = [=](const run_ref&) { return reply; };
  }

  [[nodiscard]] size_t polls() const { return api->polls.size(); }

  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(poller, atoms::drain_atom::value);
  }
};

} // namespace sluice::test
