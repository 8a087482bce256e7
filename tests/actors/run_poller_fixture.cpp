#include "tests/actors/run_poller_fixture.hpp"

namespace sluice::test {

run_poller_fixture::run_poller_fixture() {
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

void run_poller_fixture::start() {
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

void run_poller_fixture::add(batch_key key) {
  tell(poller, run_of(key));
}

void run_poller_fixture::add_earlier(batch_key key,
                                     std::chrono::milliseconds age) {
  auto run = run_of(key);
  run.submitted_at_ms -= age.count();
  run.submitted_elsewhere = true;
  tell(poller, run);
}

active_run run_poller_fixture::run_of(batch_key key) const {
  return {key, run_ref{"run_" + std::to_string(key), {}}, 5, config.wall_ms()};
}

void run_poller_fixture::always(const status_reply& reply) {
  api->on_status = [=](const run_ref&) { return reply; };
}

answer_ptr<atoms::ok_atom> run_poller_fixture::drain() {
  return ask<atoms::ok_atom>(poller, atoms::drain_atom::value);
}

} // namespace sluice::test
