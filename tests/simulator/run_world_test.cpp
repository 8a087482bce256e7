#include "simulator/run_world.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace sluice;
using namespace sluice::sim;
using namespace std::chrono_literals;

namespace {

/// Runs of exactly ten seconds.
simulator_options ten_seconds() {
  simulator_options options;
  options.run_seconds = 10;
  options.run_spread = 0;
  return options;
}

run_content hundred_urls() {
  run_content content;
  content.url_count = content.url_limit = 100;
  content.captures = 100;
  return content;
}

run_view at(run_world& world, const run_view& run, sim_time now) {
  auto found = world.find(run.content->id, now);
  REQUIRE(found);
  return *found;
}

} // namespace

TEST_CASE("a run is queued, runs and completes") {
  run_world world{ten_seconds()};
  auto run = world.create(hundred_urls(), 5s);
  CHECK(run.state == run_state::starting);
  CHECK(run.started == sim_time{5s});
  CHECK(at(world, run, 5900ms).state == run_state::starting);
  CHECK(at(world, run, 6s).state == run_state::running);
  CHECK(at(world, run, 14999ms).state == run_state::running);
  CHECK(at(world, run, 15s).state == run_state::completed);
}

TEST_CASE("counters grow evenly from the start of the work to the end") {
  run_world world{ten_seconds()};
  auto run = world.create(hundred_urls(), 0s);
  auto [when, extracted] = GENERATE(table<sim_time, uint64_t>(
    {{0s, 0}, {1s, 0}, {5500ms, 50}, {9999ms, 99}, {10s, 100}, {1h, 100}}));
  auto now = at(world, run, when);
  CHECK(now.extracted == extracted);
  CHECK(now.queue == 100 - extracted);
  CHECK(now.listed == extracted);
}

TEST_CASE("the newest runs come first, each in its current state") {
  run_world world{ten_seconds()};
  CHECK(world.newest(2, 0s).empty());
  auto old = world.create(hundred_urls(), 0s);
  auto middle = world.create(hundred_urls(), 5s);
  auto young = world.create(hundred_urls(), 6s);
  auto two = world.newest(2, 15s);
  REQUIRE(two.size() == 2);
  CHECK(two[0].content->id == young.content->id);
  CHECK(two[0].state == run_state::running);
  CHECK(two[1].content->id == middle.content->id);
  CHECK(two[1].state == run_state::completed);
  CHECK(world.newest(9, 15s).back().content->id == old.content->id);
}

TEST_CASE("a run over the limit waits for the first free slot") {
  auto options = ten_seconds();
  options.max_concurrent = 2;
  run_world world{options};
  auto first = world.create(hundred_urls(), 0s);
  auto second = world.create(hundred_urls(), 4s);
  auto third = world.create(hundred_urls(), 5s);
  auto fourth = world.create(hundred_urls(), 6s);
  CHECK(third.state == run_state::pending);
  CHECK(third.queue == 100);
  CHECK_FALSE(third.started);
  CHECK(at(world, third, 9999ms).state == run_state::pending);
  CHECK(at(world, third, 10s).started == sim_time{10s});
  CHECK(at(world, fourth, 10s).state == run_state::pending);
  CHECK(at(world, fourth, 14s).started == sim_time{14s});
}

TEST_CASE("events between requests happen at their proper times") {
  auto options = ten_seconds();
  options.max_concurrent = 1;
  run_world world{options};
  static_cast<void>(world.create(hundred_urls(), 0s));
  static_cast<void>(world.create(hundred_urls(), 0s));
  auto third = world.create(hundred_urls(), 0s);
  auto found = at(world, third, 1h);
  CHECK(found.state == run_state::completed);
  CHECK(found.started == sim_time{20s});
}

TEST_CASE("no more runs are active than the limit allows") {
  auto options = ten_seconds();
  options.max_concurrent = 3;
  options.run_spread = 0.9;
  run_world world{options};
  for (int i = 0; i < 50; ++i)
    static_cast<void>(world.create(hundred_urls(), i * 100ms));
  for (auto now = sim_time{5s}; now < sim_time{400s}; now += 1s) {
    auto counts = world.count(now);
    REQUIRE(counts.active <= 3);
    REQUIRE((counts.active == 3 || counts.pending == 0));
    REQUIRE(counts.active + counts.pending + counts.terminal == 50);
  }
  CHECK(world.count(400s).terminal == 50);
}

TEST_CASE("lengths vary by the spread and are the same for the same seed") {
  auto options = ten_seconds();
  options.run_spread = 0.5;
  options.max_concurrent = 1000;
  auto ended_by = [&](sim_time when) {
    run_world world{options};
    for (int i = 0; i < 1000; ++i)
      static_cast<void>(world.create(hundred_urls(), 0s));
    return world.count(when).terminal;
  };
  CHECK(ended_by(4999ms) == 0);
  CHECK(ended_by(10s) == Approx(500).margin(60));
  CHECK(ended_by(10s) == ended_by(10s));
  CHECK(ended_by(15s) == 1000);
}

TEST_CASE("a failing run ends with half its captures") {
  auto options = ten_seconds();
  options.failing = 1;
  run_world world{options};
  auto run = world.create(hundred_urls(), 0s);
  auto end = at(world, run, 10s);
  CHECK(end.state == run_state::failed);
  CHECK(end.extracted == 50);
  CHECK(end.listed == 50);
  CHECK(end.queue == 50);
}

TEST_CASE("late captures are counted at the end and listed later") {
  auto options = ten_seconds();
  options.late_captures = 1;
  options.late_seconds = 3;
  run_world world{options};
  auto run = world.create(hundred_urls(), 0s);
  CHECK(run.is_late);
  auto end = at(world, run, 12999ms);
  CHECK(end.state == run_state::completed);
  CHECK(end.extracted == 100);
  CHECK(end.listed == 89);
  CHECK(at(world, run, 13s).listed == 100);
}

TEST_CASE(
  "a last page is unreadable until some time after the end of the run") {
  auto options = ten_seconds();
  options.unreadable = 1;
  options.unreadable_seconds = 3;
  run_world world{options};
  auto run = world.create(hundred_urls(), 0s);
  CHECK(at(world, run, 12999ms).is_unreadable);
  CHECK_FALSE(at(world, run, 13s).is_unreadable);
}

TEST_CASE("a last page without a time stays unreadable") {
  auto options = ten_seconds();
  options.unreadable = 1;
  run_world world{options};
  auto run = world.create(hundred_urls(), 0s);
  CHECK(at(world, run, 1h).is_unreadable);
}

TEST_CASE("a run of zero length ends at once") {
  auto options = ten_seconds();
  options.run_seconds = 0;
  run_world world{options};
  CHECK(world.create(hundred_urls(), 1s).state == run_state::completed);
  CHECK(world.count(1s).terminal == 1);
}

TEST_CASE("ids are unique and no other text finds a run") {
  run_world world{ten_seconds()};
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i)
    ids.insert(world.create(hundred_urls(), 0s).content->id);
  CHECK(ids.size() == 1000);
  auto id = *ids.begin();
  CHECK(world.find(id, 0s));
  auto wrong = GENERATE_COPY(as<std::string>{}, "", "run_", "run_x",
                             "run_0000000000000000", "run_ffffffffffffffff",
                             std::string(10'000, 'f'), id + '0',
                             id.substr(0, id.size() - 1), ' ' + id,
                             "run_ffffffffffffffffffffffffffffffff");
  CHECK_FALSE(world.find(wrong, 0s));
}
