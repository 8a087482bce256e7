#include "core/flow/reading_order.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace sluice;

namespace {

constexpr size_t small = 1'000;
constexpr size_t large = 4 << 20;

using keys = std::vector<batch_key>;

/// Runs 1 to `count` end, in this order.
void end_runs(reading_order& order, batch_key count) {
  for (batch_key run = 1; run <= count; ++run)
    order.add(run);
}

/// Begins all turns that can begin. Each run is loaded at once.
keys begin_turns(reading_order& order, size_t bytes) {
  keys begun;
  while (auto run = order.next()) {
    order.loaded(*run, bytes);
    begun.push_back(*run);
  }
  return begun;
}

} // namespace

TEST_CASE("runs with many URLs are read four at a time, oldest end first") {
  reading_order order;
  end_runs(order, 6);
  CHECK(begin_turns(order, large) == keys{1, 2, 3, 4});
  order.end(3);
  CHECK(begin_turns(order, large) == keys{5});
  order.end(1);
  CHECK(begin_turns(order, large) == keys{6});
  CHECK(order.place_of(2) < order.place_of(4));
}

TEST_CASE("runs with few URLs are all read at once") {
  reading_order order;
  end_runs(order, 1'000);
  CHECK(begin_turns(order, small).size() == 1'000);
}

TEST_CASE("more than four runs are read until their URLs take 12 MiB") {
  reading_order order;
  end_runs(order, 20);
  CHECK(begin_turns(order, 1 << 20).size() == 12);
  order.end(1);
  CHECK(begin_turns(order, 1 << 20) == keys{13});
}

TEST_CASE("more runs are read while all wait for the API, up to 28 MiB") {
  reading_order order;
  end_runs(order, 12);
  CHECK(begin_turns(order, large) == keys{1, 2, 3, 4});
  keys more;
  while (auto run = order.next(true)) {
    order.loaded(*run, large);
    more.push_back(*run);
  }
  CHECK(more == keys{5, 6, 7});
  CHECK(order.turns() == 7);
  order.end(1);
  CHECK_FALSE(order.next());
}

TEST_CASE("a run not yet loaded counts as large as the largest so far") {
  reading_order order;
  order.add(1);
  REQUIRE(order.next() == 1);
  order.loaded(1, 3 << 20);
  for (batch_key run = 2; run <= 9; ++run)
    order.add(run);
  keys begun;
  while (auto run = order.next())
    begun.push_back(*run);
  CHECK(begun == keys{2, 3, 4});
  order.loaded(2, small);
  CHECK(order.next() == 5);
}

TEST_CASE("a run that pauses gives up its turn and its memory") {
  reading_order order;
  end_runs(order, 6);
  REQUIRE(begin_turns(order, large) == keys{1, 2, 3, 4});
  order.pause(2);
  CHECK_FALSE(order.has_turn(2));
  CHECK(begin_turns(order, large) == keys{5});
  order.pause(1);
  order.pause(3);
  CHECK(begin_turns(order, large) == keys{6});
}

TEST_CASE("after a pause, a run keeps its place if something was read") {
  reading_order order;
  end_runs(order, 7);
  REQUIRE(begin_turns(order, large) == keys{1, 2, 3, 4});
  order.progressed(2);
  order.pause(2);
  REQUIRE(begin_turns(order, large) == keys{5});
  order.add(2);
  order.end(5);
  CHECK(begin_turns(order, large) == keys{2});
}

TEST_CASE("runs that keep failing let all others have their turn") {
  reading_order order;
  end_runs(order, 6);
  keys turns = begin_turns(order, large);
  for (auto run : keys{1, 2, 3, 4}) {
    order.pause(run);
    order.add(run);
    for (auto begun : begin_turns(order, large))
      turns.push_back(begun);
  }
  CHECK(turns == keys{1, 2, 3, 4, 5, 6, 1, 2});
}

TEST_CASE("four runs begin while no size is known") {
  reading_order order;
  end_runs(order, 33);
  keys begun;
  while (auto run = order.next())
    begun.push_back(*run);
  CHECK(begun == keys{1, 2, 3, 4});
  order.loaded(1, small);
  CHECK(begin_turns(order, small).size() == 29);
}

TEST_CASE("a run that is not loaded can pause or end") {
  reading_order order;
  end_runs(order, 5);
  while (order.next())
    ;
  order.pause(1);
  order.end(2);
  order.loaded(3, large);
  order.loaded(4, large);
  order.add(1);
  CHECK(begin_turns(order, large) == keys{5, 1});
}
