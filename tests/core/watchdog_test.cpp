#include "core/watchdog.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <thread>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

auto now() {
  return watchdog::clock::now();
}

} // namespace

TEST_CASE("a call that ends in time is not cut") {
  watchdog dog;
  watchdog::guard guard{dog, now() + 1h, [] { FAIL("cut"); }};
  CHECK_FALSE(guard.release());
  CHECK_FALSE(guard.release());
}

TEST_CASE("a late call is cut once") {
  watchdog dog;
  int cuts = 0;
  std::promise<void> later;
  watchdog::guard late{dog, now(), [&] { ++cuts; }};
  watchdog::guard other{dog, now() + 50ms, [&] { later.set_value(); }};
  later.get_future().wait();
  CHECK(late.release());
  CHECK(cuts == 1); // no cut runs any more: reading it is no race
}

TEST_CASE("a hurried call is cut long before its deadline") {
  watchdog dog;
  std::promise<void> cut;
  watchdog::guard patient{dog, now() + 1h, [] { FAIL("cut"); }};
  watchdog::guard guard{dog, now() + 1h, [&] { cut.set_value(); }};
  guard.hurry();
  cut.get_future().wait();
  CHECK(guard.release());
}

TEST_CASE("a call whose deadline is before the others' is cut first") {
  watchdog dog;
  watchdog::guard later{dog, now() + 1h, [] { FAIL("cut"); }};
  std::this_thread::sleep_for(20ms); // it sleeps for an hour by now
  std::promise<void> cut;
  watchdog::guard sooner{dog, now() + 1ms, [&] { cut.set_value(); }};
  cut.get_future().wait();
  CHECK(sooner.release());
}

TEST_CASE("a call that is given more time is cut when that is over") {
  watchdog dog;
  watchdog::guard patient{dog, now() + 10s, [] { FAIL("cut"); }};
  patient.postpone(now() + 1h);
  std::promise<void> cut;
  watchdog::guard guard{dog, now() + 1h, [&] { cut.set_value(); }};
  guard.postpone(now());
  guard.hurry(); // the watchdog sleeps until the first deadline that it knew
  cut.get_future().wait();
  CHECK(guard.release());
  guard.postpone(now());
  CHECK_FALSE(guard.release());
}

TEST_CASE("the process has one watchdog as long as anyone uses it") {
  auto one = watchdog::shared();
  CHECK(one == watchdog::shared());
  std::weak_ptr<watchdog> old = one;
  one.reset();
  CHECK(old.expired());
  CHECK(watchdog::shared());
}
