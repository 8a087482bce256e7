// Actors in virtual time: actors run and the clock moves only when the test
// says so. Use as a Catch2 fixture: TEST_CASE_METHOD(actor_fixture, …).

#pragma once

#include "core/base/error.hpp"
#include "core/base/time.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/message.hpp>
#include <caf/scheduler/test_coordinator.hpp>

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
  actor_fixture();
  ~actor_fixture();

  [[nodiscard]] time_point now() { return sched.clock().now(); }

  /// Runs until every mailbox is empty. No time passes.
  void run();

  /// Lets `span` pass. Every timer fires at its own time, in order.
  void advance(duration span);

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
    static_assert(accepts<Handle, Ts...>, "no handler takes this message");
    send(caf::actor_cast<caf::actor>(to),
         caf::make_message(std::forward<Ts>(xs)...));
  }

  /// Sends a request without waiting for its answer.
  template <class T, class Handle, class... Ts>
  answer_ptr<T> ask(const Handle& to, Ts... xs) {
    static_assert(
      std::is_same_v<answer_of<Handle, Ts...>, caf::detail::type_list<T>>,
      "no handler answers this message so");
    return request<T>(caf::actor_cast<caf::actor>(to),
                      caf::make_message(std::move(xs)...));
  }

  template <class Handle>
  void end(const Handle& handle) {
    send_exit(caf::actor_cast<caf::actor>(handle));
  }

private:
  template <class... Ts>
  using token_of =
    caf::detail::type_list<caf::detail::strip_and_convert_t<Ts>...>;

  template <class Handle, class... Ts>
  static constexpr bool accepts =
    caf::response_type_unbox<caf::signatures_of_t<Handle>,
                             token_of<Ts...>>::valid;

  template <class Handle, class... Ts>
  using answer_of =
    caf::response_type_unbox_t<caf::signatures_of_t<Handle>, token_of<Ts...>>;

  void send(const caf::actor& to, const caf::message& what);
  void send_exit(const caf::actor& to);

  /// Instantiated for the answers that tests read.
  template <class T>
  answer_ptr<T> request(const caf::actor& to, const caf::message& what);

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
