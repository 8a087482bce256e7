#include "core/flow/submit_phase.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("the next batch is asked for once at a time, until none is left") {
  submit_phase phase;
  CHECK(phase.may_ask());
  phase.ask();
  CHECK(phase.is_asking());
  CHECK_FALSE(phase.may_ask());
  phase.on_offer(true);
  CHECK(phase.may_ask());
  phase.ask();
  phase.on_offer(false);
  CHECK(phase.exhausted());
  CHECK_FALSE(phase.may_ask());
}

TEST_CASE("batches planned later are asked for, but not twice at a time") {
  submit_phase phase;
  phase.ask();
  phase.may_have_more();
  CHECK(phase.is_asking());
  phase.on_offer(false);
  phase.may_have_more();
  CHECK(phase.may_ask());
}

TEST_CASE("the last look is taken once, and again after a run was found") {
  submit_phase phase;
  CHECK(phase.begin_last_look());
  CHECK_FALSE(phase.begin_last_look());
  phase.go_on();
  CHECK(phase.begin_last_look());
  CHECK_FALSE(phase.finished());
  phase.finish();
  CHECK(phase.finished());
}
