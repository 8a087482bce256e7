#include "core/flow/submit_gate.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

constexpr slot_limits limits{2, 1, 4};

submit_gate open_gate() {
  return {limits, 0, 0, true};
}

/// Takes and submits until the gate closes. Returns how many.
int fill_up(submit_gate& gate) {
  int taken = 0;
  while (gate.may_take()) {
    gate.took();
    gate.accepted();
    ++taken;
  }
  return taken;
}

} // namespace

TEST_CASE(
  "the gate allows as many runs as the API's slots plus the runs ahead") {
  auto gate = open_gate();
  CHECK(fill_up(gate) == 3);
  gate.run_ended(true);
  CHECK(fill_up(gate) == 1);
}

TEST_CASE("a batch that has been taken occupies a slot") {
  auto gate = open_gate();
  for (auto i = 0; i < 3; ++i) {
    CHECK(gate.may_take());
    gate.took();
  }
  CHECK_FALSE(gate.may_take());
  gate.put_back();
  CHECK(gate.may_take());
}

TEST_CASE("unread runs stop submitting at the sum of all three limits") {
  auto gate = open_gate();
  int submitted = fill_up(gate);
  for (auto round = 0; round < 20; ++round) {
    if (gate.active() > 0)
      gate.run_ended(true);
    submitted += fill_up(gate);
  }
  CHECK(submitted == 7);
  CHECK(gate.unread() == 7);
  gate.committed();
  CHECK(gate.may_take());
  CHECK(fill_up(gate) == 1);
}

TEST_CASE("a run whose captures are not read frees its slot completely") {
  auto gate = open_gate();
  fill_up(gate);
  for (auto i = 0; i < 100; ++i) {
    gate.run_ended(false);
    CHECK(fill_up(gate) == 1);
  }
  CHECK(gate.unread() == 0);
}

TEST_CASE("batches go one at a time until a submit is accepted") {
  submit_gate gate{limits, 0, 0, false};
  gate.took();
  CHECK_FALSE(gate.may_take());
  gate.refused(true);
  CHECK(gate.may_take());
  gate.took();
  gate.accepted();
  gate.took();
  CHECK(gate.may_take());
}

TEST_CASE("a restart counts the existing runs") {
  submit_gate gate{limits, 2, 4, true};
  CHECK(fill_up(gate) == 1);
  CHECK(gate.active() == 3);
  CHECK_FALSE(gate.idle());
}

TEST_CASE("an ambiguous submit pauses until the API answers a read") {
  auto gate = open_gate();
  gate.took();
  CHECK(gate.ambiguous());
  CHECK(gate.api_unresponsive());
  CHECK_FALSE(gate.may_take());
  CHECK_FALSE(gate.may_send());
  gate.answers();
  CHECK(gate.may_take());
  CHECK(gate.may_send());
}

TEST_CASE("after an ambiguous submit batches go one at a time until one is "
          "accepted") {
  auto gate = open_gate();
  gate.took();
  CHECK(gate.ambiguous());
  gate.answers();
  gate.took();
  CHECK_FALSE(gate.may_take());
  gate.accepted();
  gate.took();
  CHECK(gate.may_take());
}

TEST_CASE(
  "a repeated submit keeps its slot and simultaneous failures count once") {
  auto gate = open_gate();
  for (auto i = 0; i < 3; ++i)
    gate.took();
  for (auto i = 0; i < 3; ++i)
    CHECK(gate.ambiguous_in_hand());
  CHECK(gate.in_hand() == 3);
  CHECK_FALSE(gate.may_send());
  gate.answers();
  CHECK(gate.may_send());
  CHECK_FALSE(gate.may_take());
  CHECK(gate.ambiguous_in_hand());
  gate.answers();
  SECTION("the third failure in a row is one too many") {
    CHECK_FALSE(gate.ambiguous_in_hand());
  }
  SECTION("a definite reply from the API resets the count") {
    gate.answered_in_hand();
    CHECK(gate.in_hand() == 3);
    CHECK(gate.ambiguous_in_hand());
  }
}

TEST_CASE("the third ambiguous submit in a row is one too many") {
  auto gate = open_gate();
  auto go = [&] {
    gate.took();
    auto fine = gate.ambiguous();
    gate.answers();
    return fine;
  };
  CHECK(go());
  CHECK(go());
  SECTION("with nothing in between") {
    CHECK_FALSE(go());
  }
  SECTION("but not after an accepted submit") {
    gate.took();
    gate.accepted();
    CHECK(go());
  }
  SECTION("nor after a submit that was definitely refused") {
    gate.took();
    gate.refused(true);
    CHECK(go());
  }
}

TEST_CASE("a backoff pauses the gate without counting as silence") {
  auto gate = open_gate();
  gate.wait(true);
  CHECK(gate.waiting());
  CHECK_FALSE(gate.may_take());
  CHECK_FALSE(gate.api_unresponsive());
  gate.wait(false);
  CHECK(gate.may_take());
}

TEST_CASE(
  "a halted gate takes nothing more and is idle once everything has ended") {
  auto gate = open_gate();
  gate.took();
  gate.accepted();
  gate.halt();
  CHECK_FALSE(gate.may_take());
  CHECK_FALSE(gate.may_send());
  CHECK_FALSE(gate.idle());
  gate.run_ended(true);
  CHECK_FALSE(gate.idle());
  gate.committed();
  CHECK(gate.idle());
}

TEST_CASE("the gate says what the next batch waits for") {
  auto gate = open_gate();
  constexpr auto more = true, no_more = false;
  CHECK(gate.waits_for(no_more) == submit_wait::none);
  CHECK(gate.waits_for(more) == submit_wait::sending);
  gate.took();
  CHECK(gate.waits_for(no_more) == submit_wait::sending);
  gate.accepted();
  CHECK(gate.waits_for(no_more) == submit_wait::runs);
  gate.took();
  gate.accepted();
  // Both slots are full. Whether a batch is queued ahead does not matter.
  CHECK(gate.waits_for(more) == submit_wait::slots);
  gate.took();
  CHECK(gate.waits_for(no_more) == submit_wait::slots);
  gate.accepted();
  CHECK(gate.waits_for(more) == submit_wait::slots);
  CHECK(gate.waits_for(no_more) == submit_wait::runs);
}

TEST_CASE("the next batch waits for unread captures if slots are free") {
  submit_gate gate{limits, 0, 7, true};
  CHECK(gate.waits_for(true) == submit_wait::unread);
  CHECK(gate.waits_for(false) == submit_wait::none);
  gate.committed();
  CHECK(gate.waits_for(true) == submit_wait::sending);
}

TEST_CASE("a pause holds up only pending submits") {
  auto gate = open_gate();
  gate.wait(true);
  CHECK(gate.waits_for(true) == submit_wait::pause);
  CHECK(gate.waits_for(false) == submit_wait::none);
  gate.wait(false);
  gate.took();
  CHECK(gate.ambiguous());
  CHECK(gate.waits_for(true) == submit_wait::pause);
  gate.answers();
  CHECK(gate.waits_for(true) == submit_wait::sending);
  gate.halt();
  CHECK(gate.waits_for(true) == submit_wait::none);
}

TEST_CASE("the gate is closed while replies are unreadable") {
  auto gate = open_gate();
  gate.readable(false);
  CHECK_FALSE(gate.may_take());
  CHECK_FALSE(gate.may_send());
  CHECK(gate.waits_for(true) == submit_wait::pause);
  gate.readable(true);
  CHECK(gate.may_take());
}

TEST_CASE("batches that are asked for count as taken", "[gate]") {
  submit_gate gate{{2, 1, 4}, 0, 0, true};
  CHECK(gate.may_take(2));
  CHECK_FALSE(gate.may_take(3));
  submit_gate canary{{2, 1, 4}, 0, 0, false};
  CHECK(canary.may_take(0));
  CHECK_FALSE(canary.may_take(1));
}
