#include "pipeline/report/stuck_text.hpp"
#include "tests/support/named_job.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using Catch::Contains;
using sluice::test::named_job;

namespace {

api_profile extralt_profile() {
  api_profile result;
  result.name = "extralt";
  result.status.queued = {"pending"};
  result.status.active = {"running"};
  result.status.done = {"completed"};
  return result;
}

const stuck_batch held{17, 20,      "the reply was lost",
                       "", "rbt_1", 1'796'033'161'500};

} // namespace

TEST_CASE("a held batch is listed with what to look for") {
  CHECK(held_text(held, {"https://shop.example/1", "https://shop.example/2"},
                  extralt_profile())
        == "batch 17, 20 URLs: the reply was lost\n"
           "    submitted 2026-11-30 10:06:01 UTC to robot rbt_1\n"
           "    https://shop.example/1\n"
           "    https://shop.example/2\n"
           "    … and 18 more\n"
           "    look in the extralt dashboard for a run of robot rbt_1 that "
           "began at about 2026-11-30 10:06:01 UTC with 20 URLs\n");
}

TEST_CASE("a run that was given up or set aside is identified by its id") {
  auto known = held;
  known.run_id = "run_\x1b";
  CHECK_THAT(held_text(known, {}, extralt_profile()),
             Contains("dashboard for run run_\\x1b, which was given up: has it "
                      "ended since?\n"));
  CHECK_THAT(
    set_aside_text(known, {"https://shop.example/1"}, extralt_profile()),
    Contains("    https://shop.example/1\n    … and 19 more\n")
      && Contains("dashboard for run run_\\x1b: can its captures be "
                  "read there?\n"));
}

TEST_CASE(
  "the decisions are commands that name the batch if there is only one") {
  named_job job{"/jobs/shoes.yaml"};
  auto one = held_decisions({held}, extralt_profile());
  CHECK_THAT(one,
             Contains("shows its status as pending, running or completed"));
  for (auto* what : {"adopt RUN_ID", "resubmit", "abandon"})
    CHECK_THAT(one, Contains("  sluice resolve /jobs/shoes.yaml 17 "
                             + std::string{what} + "\n"));
  CHECK_THAT(held_decisions({held, held}, extralt_profile()),
             Contains("shoes.yaml BATCH resubmit\n"));
  auto aside = set_aside_decisions({held});
  for (auto* what : {"read-again", "abandon"})
    CHECK_THAT(aside, Contains("shoes.yaml 17 " + std::string{what} + "\n"));
}
