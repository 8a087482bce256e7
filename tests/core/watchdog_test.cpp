#include "core/watchdog.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <thread>
#include <utility>

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

TEST_CASE("a late call is cut until it ends") {
  watchdog dog;
  std::promise<void> thrice;
  int cuts = 0;
  watchdog::guard guard{dog, now(), [&] {
                          if (++cuts == 3)
                            thrice.set_value();
                        }};
  thrice.get_future().wait();
  CHECK(guard.release());
  CHECK(cuts >= 3); // no cut runs any more: reading it is no race
}

TEST_CASE("a hurried call is cut long before its deadline") {
  watchdog dog;
  std::promise<void> cut;
  bool first = true;
  watchdog::guard patient{dog, now() + 1h, [] { FAIL("cut"); }};
  watchdog::guard guard{dog, now() + 1h, [&] {
                          if (std::exchange(first, false))
                            cut.set_value();
                        }};
  guard.hurry();
  cut.get_future().wait();
  CHECK(guard.release());
}

TEST_CASE("a call whose deadline is before the others' is cut first") {
  watchdog dog;
  watchdog::guard later{dog, now() + 1h, [] { FAIL("cut"); }};
  std::this_thread::sleep_for(20ms); // it sleeps for an hour by now
  std::promise<void> cut;
  bool first = true;
  watchdog::guard sooner{dog, now() + 1ms, [&] {
                           if (std::exchange(first, false))
                             cut.set_value();
                         }};
  cut.get_future().wait();
  CHECK(sooner.release());
}

TEST_CASE("a call that is given more time is cut when that is over") {
  watchdog dog;
  watchdog::guard patient{dog, now() + 10s, [] { FAIL("cut"); }};
  patient.postpone(now() + 1h);
  std::promise<void> cut;
  bool first = true;
  watchdog::guard guard{dog, now() + 1h, [&] {
                          if (std::exchange(first, false))
                            cut.set_value();
                        }};
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
