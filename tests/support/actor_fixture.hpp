// Actors in virtual time: actors run and the clock moves only when the test
// says so. Use as a Catch2 fixture: TEST_CASE_METHOD(actor_fixture, …).

#pragma once

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/time.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::test {

/// The result of a request, filled in while the fixture runs.
template <class T>
struct answer {
  std::optional<T> value;
  caf::error error;

  [[nodiscard]] bool pending() const { return !value && !error; }
};

template <class T>
using answer_ptr = std::shared_ptr<answer<T>>;

class actor_fixture {
public:
  actor_fixture()
      : sys{config_},
        sched{
          dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler())} {
    configure_log(log_level::off, false);
    // A clock at zero would conceal confusions of times and durations.
    sched.clock().current_time += std::chrono::hours{1};
    sys.await_actors_before_shutdown(false);
  }

  ~actor_fixture() {
    for (auto& actor : actors_)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    run();
    actors_.clear();
  }

  [[nodiscard]] time_point now() { return sched.clock().now(); }

  /// Runs until every mailbox is empty. No time passes.
  void run() {
    while (sched.try_run_once())
      ;
  }

  /// Lets `span` pass. Every timer fires at its own time, in order.
  void advance(duration span) {
    auto end = now() + span;
    run();
    auto& timers = sched.clock().schedule();
    while (!timers.empty() && timers.begin()->first <= end) {
      auto wait = timers.begin()->first - now();
      sched.advance_time(std::max(caf::timespan{wait}, caf::timespan{0}));
      run();
    }
    sched.advance_time(end - now());
    run();
  }

  /// Spawns without running anything.
  template <class F, class... Ts>
  auto spawn(F f, Ts&&... xs) {
    auto handle = sys.spawn(f, std::forward<Ts>(xs)...);
    own(handle);
    return handle;
  }

  /// Ends `handle` with the test.
  template <class Handle>
  void own(const Handle& handle) {
    actors_.push_back(caf::actor_cast<caf::actor>(handle));
  }

  template <class Handle, class... Ts>
  void tell(const Handle& to, Ts&&... xs) {
    caf::anon_send(to, std::forward<Ts>(xs)...);
    run();
  }

  /// Sends a request without waiting for its answer.
  template <class T, class Handle, class... Ts>
  answer_ptr<T> ask(const Handle& to, Ts... xs) {
    auto out = std::make_shared<answer<T>>();
    // The parameter is needed: CAF 0.17 dereferences a null pointer if a
    // function object is spawned without one.
    auto asker = [=](caf::event_based_actor* self, answer_ptr<T> result) {
      self->request(to, caf::infinite, xs...)
        .then([=](const T& value) { result->value = value; },
              [=](const caf::error& reason) { result->error = reason; });
    };
    own(sys.spawn(asker, out));
    run();
    return out;
  }

  template <class Handle>
  void end(const Handle& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    run();
  }

private:
  struct testing_config : caf::actor_system_config {
    testing_config() { set("scheduler.policy", caf::atom("testing")); }
  };

  testing_config config_;
  std::vector<caf::actor> actors_;

public:
  caf::actor_system sys;
  caf::scheduler::test_coordinator& sched;
};

} // namespace sluice::test
