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

  run_poller_fixture();

  void start();

  /// The run of batch `key`, submitted now.
  void add(batch_key key);

  /// A run that an earlier process submitted `age` ago by the wall clock.
  void add_earlier(batch_key key, std::chrono::milliseconds age);

  [[nodiscard]] active_run run_of(batch_key key) const;

  void always(const status_reply& reply);

  [[nodiscard]] size_t polls() const { return api->polls.size(); }

  answer_ptr<atoms::ok_atom> drain();
};

} // namespace sluice::test
