#include "core/flow/submit_phase.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("a few batches are asked for at a time, until none is left") {
  submit_phase phase;
  for (uint64_t i = 0; i < submit_phase::most_asked; ++i) {
    CHECK(phase.may_ask());
    phase.ask();
  }
  CHECK(phase.is_asking());
  CHECK(phase.asked() == submit_phase::most_asked);
  CHECK_FALSE(phase.may_ask());
  phase.on_offer(true);
  CHECK(phase.may_ask());
  phase.on_offer(false);
  CHECK(phase.exhausted());
  CHECK_FALSE(phase.may_ask());
  phase.on_offer(true);
  CHECK_FALSE(phase.exhausted());
}

TEST_CASE("batches planned later are asked for") {
  submit_phase phase;
  phase.ask();
  phase.may_have_more();
  CHECK(phase.is_asking());
  phase.on_offer(false);
  CHECK_FALSE(phase.may_ask());
  phase.may_have_more();
  CHECK(phase.may_ask());
  phase.ask();
  CHECK_FALSE(phase.may_ask()); // it may have been the only one
  phase.on_offer(true);
  phase.ask();
  CHECK(phase.may_ask());
}

TEST_CASE("the last look is taken once, and again after a run is found") {
  submit_phase phase;
  CHECK(phase.begin_last_look());
  CHECK_FALSE(phase.begin_last_look());
  phase.go_on();
  CHECK(phase.begin_last_look());
  CHECK_FALSE(phase.finished());
  phase.finish();
  CHECK(phase.finished());
}
