#include "core/flow/unreadable_replies.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a request with an unreadable reply is tried six times within "
          "fifteen seconds") {
  unreadable_tries tries;
  duration waited{0};
  unsigned replies = 1;
  constexpr auto step = 1s;
  constexpr auto readable = 0; // replies so far
  for (; auto wait = tries.next(step, readable); ++replies)
    waited += *wait;
  CHECK(replies == 6);
  CHECK(waited == 15s);
  CHECK_FALSE(tries.next(1s, 0));
}

TEST_CASE("a readable reply resets the tries") {
  unreadable_tries tries;
  while (tries.next(1s, 0)) {
  }
  tries.reset();
  CHECK(tries.next(1s, 0) == duration{1s});
}

TEST_CASE("the third unreadable run in a row is blamed on the API") {
  unreadable_runs runs;
  CHECK(runs.may_set_aside(1));
  CHECK(runs.may_set_aside(2));
  CHECK_FALSE(runs.api_at_fault());
  CHECK_FALSE(runs.may_set_aside(3));
  CHECK(runs.api_at_fault());
  CHECK_FALSE(runs.may_set_aside(3));
}

TEST_CASE(
  "the first readable reply restores the runs set aside because of the API") {
  unreadable_runs runs;
  for (batch_key run : {1, 2, 3})
    static_cast<void>(runs.may_set_aside(run));
  CHECK(runs.on_readable() == std::vector<batch_key>{1, 2});
  CHECK_FALSE(runs.api_at_fault());
  CHECK(runs.on_readable().empty());
}

TEST_CASE(
  "a readable reply in between shows that the runs are bad and not the API") {
  unreadable_runs runs;
  for (batch_key run = 1; run < 10; ++run) {
    CHECK(runs.may_set_aside(run));
    if (run % 2 == 0)
      CHECK(runs.on_readable().empty());
  }
}

TEST_CASE(
  "bad runs among readable ones are set aside, even if many are bad at once") {
  unreadable_runs runs;
  std::vector<unreadable_tries> tries(5);
  for (auto& each : tries)
    static_cast<void>(each.next(1s, runs.readable()));
  CHECK(runs.on_readable().empty());
  for (size_t i = 0; i < tries.size(); ++i)
    CHECK(runs.may_set_aside(static_cast<batch_key>(i), tries[i]));
  CHECK_FALSE(runs.api_at_fault());
}
