#include "actors/drain_gate.hpp"
#include "actors/permits.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A stage that sends one request when told to, and can be drained.
using stage_actor =
  caf::typed_actor<caf::reacts_to<atoms::start_atom>,
                   caf::reacts_to<atoms::finished_atom>,
                   caf::replies_to<atoms::drain_atom>::with<atoms::ok_atom>>;

struct stage_log {
  int sent = 0;
  int unwanted = 0;
  int failed = 0;
};

struct stage_state {
  drain_gate drain;
};

stage_actor::behavior_type
stage(stage_actor::stateful_pointer<stage_state> self,
      rate_limiter_actor limiter, std::shared_ptr<stage_log> log) {
  auto& drain = self->state.drain;
  return {
    [=, &drain](atoms::start_atom) {
      with_permit(
        self, limiter, request_kind::poll,
        permit_use{.wanted = [&drain] { return !drain.begun(); },
                   .send =
                     [=, &drain](const permit&) {
                       ++log->sent;
                       drain.add();
                     },
                   .unwanted = [=] { ++log->unwanted; },
                   .fail = [=](const caf::error&) { ++log->failed; }});
    },
    [&drain](atoms::finished_atom) {
      drain.remove();
      drain.answer_if_idle();
    },
    [=, &drain](atoms::drain_atom) {
      auto promise = drain.begin(self);
      drain.answer_if_idle();
      return promise;
    },
  };
}

struct stage_fixture : actor_fixture {
  fake_limiter_ptr permits = std::make_shared<fake_limiter>();
  std::shared_ptr<stage_log> log = std::make_shared<stage_log>();
  rate_limiter_actor limiter = spawn(limiter_double, permits);
  stage_actor sender = spawn(stage, limiter, log);

  stage_fixture() { permits->silent = true; }

  void request() { tell(sender, atoms::start_atom::value); }
  void reply() { tell(sender, atoms::finished_atom::value); }
  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(sender, atoms::drain_atom::value);
  }
};

} // namespace

TEST_CASE_METHOD(stage_fixture, "a request is sent when its permit arrives") {
  request();
  CHECK(permits->asked.size() == 1);
  CHECK(log->sent == 0);
  permits->grant();
  run();
  CHECK(log->sent == 1);
  CHECK(permits->released.empty());
}

TEST_CASE_METHOD(stage_fixture,
                 "a permit that comes after the drain began goes back") {
  request();
  auto drained = drain();
  CHECK(drained->value); // a drain does not wait for permits
  permits->grant();
  run();
  CHECK(log->sent == 0);
  CHECK(log->unwanted == 1);
  CHECK(permits->released.size() == 1);
}

TEST_CASE_METHOD(stage_fixture,
                 "no permit comes from a limiter that has ended") {
  end(limiter);
  request();
  CHECK(log->failed == 1);
  CHECK(log->sent == 0);
}

TEST_CASE_METHOD(stage_fixture,
                 "a drain is answered with the last reply, and no earlier") {
  request();
  request();
  permits->grant();
  run();
  auto drained = drain();
  CHECK(drained->pending());
  reply();
  CHECK(drained->pending());
  reply();
  CHECK(drained->value);
}
