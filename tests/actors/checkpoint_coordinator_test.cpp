// The coordinator alone, between a ledger and sinks that answer when told
// to.

#include "actors/checkpoint_coordinator.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_ledger.hpp"

#include <catch2/catch.hpp>

#include <optional>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// What the owner was told.
struct owner_log {
  uint64_t delivery = 7; ///< the last one
  std::vector<uint64_t> committed;
  std::vector<caf::error> failures;
};

/// The owner: an actor with nothing but a coordinator.
class owner_state : public checkpoint_owner {
public:
  using pointer = capture_pager_actor::stateful_pointer<owner_state>;

  explicit owner_state(pointer self) : self_{self} {}

  capture_pager_actor::behavior_type
  make_behavior(checkpoint_coordinator_config config,
                std::shared_ptr<owner_log> log) {
    log_ = std::move(log);
    part_.emplace(self_, *this, drain_, std::move(config));
    part_->begin();
    return {
      [this](const terminal_run&) { // stands for a page and a finished run
        ++log_->delivery;
        part_->on_delivered(1);
        part_->on_finished();
        part_->on_change();
      },
      [this](atoms::drain_atom) {
        auto promise = drain_.begin(self_);
        part_->check_drained();
        return promise;
      },
      [this](atoms::checkpoint_atom) { part_->on_timer(); },
      [this](atoms::account_atom) { part_->commit_spent(); },
      [](atoms::wake_atom, int64_t) {},
    };
  }

  void add_changes(checkpoint& point) override {
    point.delivery = log_->delivery;
  }
  void on_committed(const checkpoint& point) override {
    log_->committed.push_back(point.delivery);
    part_->begin_if_due();
    part_->check_drained();
  }
  void show_wait() override {}
  void fail(const caf::error& reason) override {
    log_->failures.push_back(reason);
  }

private:
  pointer self_;
  std::shared_ptr<owner_log> log_;
  drain_gate drain_;
  std::optional<checkpoint_coordinator> part_;
};

capture_pager_actor::behavior_type owner(owner_state::pointer self,
                                         checkpoint_coordinator_config config,
                                         std::shared_ptr<owner_log> log) {
  return self->state.make_behavior(std::move(config), std::move(log));
}

struct coordinator_fixture : actor_fixture {
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_sink_ptr one = std::make_shared<fake_sink>();
  fake_sink_ptr two = std::make_shared<fake_sink>();
  std::shared_ptr<owner_log> log = std::make_shared<owner_log>();
  capture_pager_actor part;

  void start() {
    two->name = "two";
    part = spawn(owner,
                 checkpoint_coordinator_config{
                   {spawn(sink_double, one), spawn(sink_double, two)},
                   spawn(fake_keeper, store),
                   std::make_shared<job_counters>(),
                   checkpoint_schedule{1s, 100, 1s},
                   7},
                 log);
    run();
  }

  void change() { tell(part, terminal_run{}); }
  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(part, atoms::drain_atom::value);
  }
};

} // namespace

TEST_CASE_METHOD(coordinator_fixture,
                 "a checkpoint has every sink's position before it is "
                 "committed") {
  two->acks = false;
  start();
  CHECK(store->checkpoints.empty());
  two->answer();
  run();
  REQUIRE(store->checkpoints.size() == 1);
  CHECK(store->checkpoints[0].sinks.size() == 2);
  CHECK(log->committed == std::vector<uint64_t>{7});
}

TEST_CASE_METHOD(coordinator_fixture,
                 "a change during a checkpoint belongs to the next one") {
  start();
  two->acks = false;
  change();
  change();
  CHECK(store->checkpoints.size() == 1);
  two->acks = true;
  two->answer();
  run();
  CHECK(log->committed == std::vector<uint64_t>{7, 8, 9});
}

TEST_CASE_METHOD(coordinator_fixture,
                 "a drain commits what changed last, then is answered") {
  start();
  two->acks = false;
  change();
  auto drained = drain();
  CHECK(drained->pending());
  two->acks = true;
  two->answer();
  run();
  CHECK(drained->value);
  CHECK(log->committed == std::vector<uint64_t>{7, 8, 8});
}

TEST_CASE_METHOD(coordinator_fixture,
                 "a drain commits a change made while a checkpoint is under "
                 "way") {
  start();
  two->acks = false;
  change();
  change();
  auto drained = drain();
  CHECK(drained->pending());
  two->acks = true;
  two->answer();
  run();
  CHECK(drained->value);
  CHECK(log->committed.back() == 9);
}

TEST_CASE_METHOD(coordinator_fixture,
                 "no checkpoint follows when a sink has failed, but a drain "
                 "commits the time spent") {
  start();
  one->failure = make_error(ec::stopped, "full");
  change();
  CHECK(log->failures.size() == 1);
  CHECK(store->checkpoints.size() == 1);
  change();
  advance(10s);
  CHECK(store->checkpoints.size() == 1);
  CHECK(log->failures.size() == 1);
  auto drained = drain();
  CHECK(drained->value);
  REQUIRE(store->checkpoints.size() == 2);
  CHECK(store->checkpoints[1].delivery == 7);
  CHECK(store->checkpoints[1].sinks.empty());
}
