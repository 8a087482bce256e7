// The stages together in virtual time with the real limiter and pool. The API
// is made of functions, the ledger is in memory, and the sink answers when
// told.

#pragma once

#include "actors/capture_pager.hpp"
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

  stages_fixture();

  void start();
};

} // namespace sluice::test
