#include "simulator/pause_gate.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <thread>

using namespace sluice::sim;
using namespace std::chrono_literals;

TEST_CASE("an open gate lets requests pass") {
  pause_gate gate;
  gate.wait();
  gate.close_until(pause_gate::clock::now() - 1s);
  gate.wait();
}

TEST_CASE("a closed gate holds requests until it is opened") {
  pause_gate gate;
  gate.close_until(pause_gate::clock::now() + 1h);
  std::atomic<bool> is_opening = false;
  auto waiter = std::async(std::launch::async, [&] {
    gate.wait();
    return is_opening.load();
  });
  while (gate.waiting() == 0)
    std::this_thread::yield();
  is_opening = true;
  gate.close_until(pause_gate::clock::now());
  CHECK(waiter.get());
  CHECK(gate.waiting() == 0);
}

TEST_CASE("a gate opened permanently never closes again") {
  pause_gate gate;
  gate.close_until(pause_gate::clock::now() + 1h);
  gate.open_forever();
  gate.wait();
  gate.close_until(pause_gate::clock::now() + 1h);
  gate.wait();
}
