// A run_submitter with test doubles. The ledger and the API share a journal.

#pragma once

#include "actors/run_submitter.hpp"
#include "core/model/batch.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

namespace sluice::test {

struct submitter_fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_limiter_ptr permits = std::make_shared<fake_limiter>();
  fake_stages_ptr stages = std::make_shared<fake_stages>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  run_submitter_config config;
  run_submitter_actor submitter;

  submitter_fixture() {
    store->log = api->log;
    config.runs.max_concurrent = 2;
    config.runs.queue_ahead = 1;
    config.runs.max_unread = 4;
    config.counters = counters;
    config.wall_ms = [] { return int64_t{1234}; };
    config.canary_passed = true;
  }

  void start() {
    auto keeper = spawn(fake_keeper, store);
    config.reader = spawn(fake_reader, keeper);
    config.ledger = keeper;
    config.limiter = spawn(limiter_double, permits);
    config.pool = spawn(fake_pool, api);
    config.poller = spawn(poller_double, stages);
    config.supervisor = spawn(supervisor_double, boss);
    submitter = spawn(run_submitter, config);
    run();
  }

  [[nodiscard]] const journal& log() const { return *api->log; }

  void leave(batch_key batch, bool to_pager = true) {
    tell(submitter, slot_freed{batch, to_pager});
  }
  void commit(batch_key batch) { tell(submitter, run_committed{batch}); }

  /// The runs of batches 1 to `count` end and are committed.
  void finish(batch_key count) {
    for (batch_key key = 1; key <= count; ++key) {
      leave(key);
      commit(key);
    }
  }

  /// Answers every submit with `reply`.
  void answer_all_with(const submit_reply& reply) {
    api->on_submit = [=](const submit_order&) { return reply; };
  }

  /// Answers the first submit with `reply` and the others with runs.
  void answer_first_with(const submit_reply& reply) {
    api->on_submit = [=, this](const submit_order&) {
      auto number = api->submits.size();
      return number == 1 ? reply : accepted_as("run_" + std::to_string(number));
    };
  }

  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(submitter, atoms::drain_atom::value);
  }
};

} // namespace sluice::test
