#include "tests/support/actor_fixture.hpp"

#include "actors/protocol.hpp"
#include "core/base/log.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>

namespace sluice::test {

actor_fixture::actor_fixture()
    : sys{config_},
      sched{dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler())} {
  configure_log(log_level::off, false);
  // A clock at zero would conceal confusions of times and durations.
  sched.clock().current_time += std::chrono::hours{1};
  sys.await_actors_before_shutdown(false);
}

actor_fixture::~actor_fixture() {
  for (auto& actor : actors_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  run();
  actors_.clear();
}

void actor_fixture::run() {
  while (sched.try_run_once())
    ;
}

void actor_fixture::advance(duration span) {
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

void actor_fixture::send(const caf::actor& to, const caf::message& what) {
  caf::anon_send(to, what);
  run();
}

void actor_fixture::send_exit(const caf::actor& to) {
  caf::anon_send_exit(to, caf::exit_reason::user_shutdown);
  run();
}

template <class T>
answer_ptr<T>
actor_fixture::request(const caf::actor& to, const caf::message& what) {
  auto out = std::make_shared<answer<T>>();
  // The parameter is needed: CAF 0.17 dereferences a null pointer if a
  // function object is spawned without one.
  auto asker = [=](caf::event_based_actor* self, answer_ptr<T> result) {
    self->request(to, caf::infinite, what)
      .then([=](const T& value) { result->value = value; },
            [=](const caf::error& reason) { result->error = reason; });
  };
  own(sys.spawn(asker, out));
  run();
  return out;
}

template answer_ptr<atoms::ok_atom>
actor_fixture::request(const caf::actor&, const caf::message&);
template answer_ptr<batch_decisions>
actor_fixture::request(const caf::actor&, const caf::message&);
template answer_ptr<page_reply>
actor_fixture::request(const caf::actor&, const caf::message&);
template answer_ptr<permit>
actor_fixture::request(const caf::actor&, const caf::message&);
template answer_ptr<read_verdict>
actor_fixture::request(const caf::actor&, const caf::message&);
template answer_ptr<sink_report>
actor_fixture::request(const caf::actor&, const caf::message&);
template answer_ptr<status_reply>
actor_fixture::request(const caf::actor&, const caf::message&);
template answer_ptr<submit_reply>
actor_fixture::request(const caf::actor&, const caf::message&);

} // namespace sluice::test
