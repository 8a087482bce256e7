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

  submitter_fixture();

  void start();

  [[nodiscard]] const journal& log() const { return *api->log; }

  void leave(batch_key batch, bool to_pager = true);
  void commit(batch_key batch);

  /// The runs of batches 1 to `count` end and are committed.
  void finish(batch_key count);

  /// Answers every submit with `reply`.
  void answer_all_with(const submit_reply& reply);

  /// Answers the first submit with `reply` and the others with runs.
  void answer_first_with(const submit_reply& reply);

  answer_ptr<atoms::ok_atom> drain();
};

} // namespace sluice::test
