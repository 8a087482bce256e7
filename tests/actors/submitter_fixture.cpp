#include "tests/actors/submitter_fixture.hpp"

namespace sluice::test {

submitter_fixture::submitter_fixture() {
  store->log = api->log;
  config.runs.max_concurrent = 2;
  config.runs.queue_ahead = 1;
  config.runs.max_unread = 4;
  config.counters = counters;
  config.wall_ms = [] { return int64_t{1234}; };
  config.canary_passed = true;
}

void submitter_fixture::start() {
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

void submitter_fixture::leave(batch_key batch, bool to_pager) {
  tell(submitter, slot_freed{batch, to_pager});
}

void submitter_fixture::commit(batch_key batch) {
  tell(submitter, run_committed{batch});
}

void submitter_fixture::finish(batch_key count) {
  for (batch_key key = 1; key <= count; ++key) {
    leave(key);
    commit(key);
  }
}

void submitter_fixture::answer_all_with(const submit_reply& reply) {
  api->on_submit = [=](const submit_order&) { return reply; };
}

void submitter_fixture::answer_first_with(const submit_reply& reply) {
  api->on_submit = [=, this](const submit_order&) {
    auto number = api->submits.size();
    return number == 1 ? reply : accepted_as("run_" + std::to_string(number));
  };
}

answer_ptr<atoms::ok_atom> submitter_fixture::drain() {
  return ask<atoms::ok_atom>(submitter, atoms::drain_atom::value);
}

} // namespace sluice::test
