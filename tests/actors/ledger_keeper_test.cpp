#include "actors/ledger_keeper.hpp"
#include "core/db/sqlite.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"
#include "tests/support/actor_fixture.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

class keeper_fixture : public actor_fixture, public ledger_fixture {
public:
  keeper_fixture() {
    open_imported(4, 10);
    // Takes batches, as the submitter does.
    for (auto i = 0; i < 3; ++i)
      batches.push_back(must(store->next_planned())->key);
    std::shared_ptr<ledger> shared = std::move(store);
    keeper = sys.spawn(ledger_keeper,
                       ledger_keeper_config{shared, file, [] { return 1'000; },
                                            "worker", std::chrono::minutes{1}});
    own(keeper);
    run();
  }

  /// Puts requests in the mailbox together. Each answer records what is on disk
  /// when it arrives.
  void begin_together(const std::vector<batch_key>& which) {
    auto asker = [=, this](caf::event_based_actor* self, bool) {
      for (auto batch : which)
        self->request(keeper, caf::infinite, submit_intent{batch})
          .then(
            [=, this](atoms::ok_atom) { on_disk.push_back(in_flight_now()); },
            [this](const caf::error& reason) {
              failures.push_back(code_of(reason));
            });
    };
    own(sys.spawn(asker, true));
    run();
  }

  /// Batches in flight as another process sees them.
  int64_t in_flight_now() { return batches_now("state = 'in_flight'"); }

  int64_t batches_now(const std::string& condition) {
    auto db = must(sqlite::database::open(file));
    auto row = db->use("SELECT count(*) FROM batch WHERE " + condition);
    REQUIRE(row.next());
    return row.integer(0);
  }

  template <class T>
  void change(const T& message) {
    auto done = ask<atoms::ok_atom>(keeper, message);
    REQUIRE(done->value);
  }

  /// The first batch's submit has this `result`.
  void settle(submit_result result) {
    change(submit_intent{batches[0]});
    change(submit_outcome{batches[0], result, "r"});
  }

  /// Sends `message` right after a change that opens a group. Returns how many
  /// batches meet `condition` on disk when the answer arrives.
  template <class... Ts>
  int64_t
  on_disk_when_answered(const std::string& condition, const Ts&... message) {
    auto found = int64_t{-1};
    auto asker = [=, this, &found](caf::event_based_actor* self, bool) {
      auto point = std::make_shared<checkpoint>();
      point->delivery = 1;
      self->request(keeper, caf::infinite, checkpoint_ptr{point})
        .then([](atoms::ok_atom) {});
      self->request(keeper, caf::infinite, message...)
        .then([=, this, &found](const batch_decisions& made) {
          CHECK(made.adopted.size() == 1);
          found = batches_now(condition);
        });
    };
    own(sys.spawn(asker, true));
    run();
    return found;
  }

  ledger_keeper_actor keeper;
  std::vector<batch_key> batches;
  std::vector<int64_t> on_disk;
  std::vector<ec> failures;
};

} // namespace

TEST_CASE_METHOD(
  keeper_fixture,
  "changes that arrive together are on disk before any is answered",
  "[ledger_keeper]") {
  begin_together(batches);
  CHECK(on_disk == std::vector<int64_t>{3, 3, 3});
  CHECK(failures.empty());
}

TEST_CASE_METHOD(keeper_fixture,
                 "a change that fails does not affect the others",
                 "[ledger_keeper]") {
  begin_together({batches[0], batches[0], batches[1]});
  CHECK(on_disk == std::vector<int64_t>{2, 2});
  CHECK(failures == std::vector{ec::internal});
}

TEST_CASE_METHOD(keeper_fixture,
                 "a single change is on disk when it is answered",
                 "[ledger_keeper]") {
  begin_together({batches[0]});
  begin_together({batches[1]});
  CHECK(on_disk == std::vector<int64_t>{1, 2});
}

TEST_CASE_METHOD(keeper_fixture, "an adopted run is on disk before the answer",
                 "[ledger_keeper]") {
  settle(submit_result::held);
  CHECK(
    on_disk_when_answered("state = 'running'", run_found{batches[0], "found"})
    == 1);
}

TEST_CASE_METHOD(keeper_fixture,
                 "a run to read again is on disk before the answer",
                 "[ledger_keeper]") {
  settle(submit_result::accepted);
  change(run_set_aside{batches[0], "no status"});
  CHECK(on_disk_when_answered("state = 'running'", runs_to_read{{batches[0]}})
        == 1);
}

TEST_CASE_METHOD(keeper_fixture,
                 "a decision by another process is marked as taken on disk "
                 "before the answer",
                 "[ledger_keeper]") {
  settle(submit_result::held);
  auto looked =
    ask<batch_decisions>(keeper, atoms::decisions_atom::value); // nothing new
  must(must(attach_ledger(file))->adopt(batches[0], "decided", 1));
  CHECK(on_disk_when_answered("id IN (SELECT batch FROM adopted)",
                              atoms::decisions_atom::value)
        == 0);
}

TEST_CASE_METHOD(keeper_fixture, "changes made when the keeper ends are kept",
                 "[ledger_keeper]") {
  caf::anon_send(keeper, submit_intent{batches[0]});
  REQUIRE(sched.try_run_once());
  CHECK(in_flight_now() == 0);
  caf::anon_send_exit(keeper, caf::exit_reason::kill);
  keeper = nullptr;
  run();
  CHECK(in_flight_now() == 1);
}

TEST_CASE_METHOD(keeper_fixture, "no change begins after a group was undone",
                 "[ledger_keeper]") {
  auto point = std::make_shared<checkpoint>();
  point->delivery = 1;
  point->runs.push_back({batches[2], {}, {}, run_result{}}); // has not ended
  auto asker = [=, this](caf::event_based_actor* self, bool) {
    auto fails = [this](const caf::error& reason) {
      failures.push_back(code_of(reason));
    };
    self->request(keeper, caf::infinite, submit_intent{batches[0]})
      .then([](atoms::ok_atom) { FAIL("not on disk"); }, fails);
    self->request(keeper, caf::infinite, checkpoint_ptr{point})
      .then([](atoms::ok_atom) { FAIL("not on disk"); }, fails);
  };
  own(sys.spawn(asker, true));
  run();
  CHECK(failures == std::vector{ec::internal, ec::internal});
  begin_together({batches[1]});
  CHECK(failures.size() == 3);
  auto hands_out = false;
  auto taker = [&](caf::event_based_actor* self, bool) {
    self->request(keeper, caf::infinite, atoms::next_atom::value)
      .then([&](const batch_offer&) { hands_out = true; },
            [this](const caf::error& reason) {
              failures.push_back(code_of(reason));
            });
  };
  own(sys.spawn(taker, true));
  run();
  CHECK(failures.size() == 4);
  CHECK_FALSE(hands_out);
  CHECK(on_disk.empty());
  CHECK(in_flight_now() == 0);
}
