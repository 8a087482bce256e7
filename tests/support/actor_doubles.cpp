#include "tests/support/actor_doubles.hpp"

#include <functional>
#include <utility>

namespace sluice::test {

// -- the limiter --------------------------------------------------------------

holding<rate_limiter_actor>::behavior_type
limiter_double(holding<rate_limiter_actor>::pointer self,
               fake_limiter_ptr state) {
  return {
    [=](atoms::permit_atom, request_kind kind) {
      auto promise = self->make_response_promise<permit>();
      state->asked.push_back(kind);
      auto grant = [=]() mutable { promise.deliver(permit{kind, {}}); };
      if (state->silent)
        state->parked.add(self->address(), grant);
      else
        grant();
      return promise;
    },
    [=](atoms::release_atom, const permit& unused) {
      state->released.push_back(unused);
    },
    [](atoms::idle_atom, uint32_t) {},
    [](const request_report&) {},
    [](atoms::wake_atom, uint64_t) {},
    carry_out,
  };
}

// -- the supervisor -----------------------------------------------------------

supervisor_actor::behavior_type
supervisor_double(supervisor_actor::pointer, fake_supervisor_ptr state) {
  return {
    [=](atoms::finished_atom) { ++state->finished; },
    [=](atoms::failed_atom, const caf::error& reason) {
      state->failures.push_back(reason);
    },
    [](atoms::drain_atom) {},
  };
}

// -- the stages ---------------------------------------------------------------

run_submitter_actor::behavior_type
submitter_double(run_submitter_actor::pointer, fake_stages_ptr state) {
  return {
    [=](const batch_decisions& made) { state->decisions.push_back(made); },
    [=](const replies_readable& now) { state->readable.push_back(now.yes); },
    [](atoms::find_atom) {},
    [=](const slot_freed& run) { state->left.push_back(run); },
    [=](const run_committed& run) {
      state->committed.push_back(run.batch);
      state->log->add("run_committed " + std::to_string(run.batch));
    },
    [=](atoms::drain_atom) {
      state->log->add("drain submitter");
      return atoms::ok_atom::value;
    },
    [](atoms::wake_atom) {},
    [](atoms::wake_atom, batch_key) {},
  };
}

run_poller_actor::behavior_type
poller_double(run_poller_actor::pointer, fake_stages_ptr state) {
  return {
    [](const run_poller_links&) {},
    [=](const active_run& run) { state->active.push_back(run); },
    [=](atoms::drain_atom) {
      state->log->add("drain poller");
      return atoms::ok_atom::value;
    },
    [](atoms::wake_atom, uint64_t) {},
  };
}

capture_pager_actor::behavior_type
pager_double(capture_pager_actor::pointer, fake_stages_ptr state) {
  return {
    [=](const terminal_run& run) {
      state->ended.push_back(run);
      state->log->add("ended_run " + std::to_string(run.batch));
    },
    [=](atoms::drain_atom) {
      state->log->add("drain pager");
      return atoms::ok_atom::value;
    },
    [](atoms::checkpoint_atom) {},
    [](atoms::account_atom) {},
    [](atoms::wake_atom, int64_t) {},
  };
}

// -- sinks --------------------------------------------------------------------

namespace {

void answer_or_hold(holding<sink_actor>::pointer self, fake_sink& state,
                    std::function<void()> answer_now) {
  if (state.acks && state.held.size() == 0)
    answer_now();
  else
    state.held.add(self->address(), std::move(answer_now));
}

} // namespace

holding<sink_actor>::behavior_type
sink_double(holding<sink_actor>::pointer self, fake_sink_ptr state) {
  // A reply that is held back must not keep its holder alive.
  auto* sink = state.get();
  return {
    [](atoms::start_atom) { return atoms::ok_atom::value; },
    [=](const page_ptr& page) {
      auto promise = self->make_response_promise<atoms::ok_atom>();
      state->pages.push_back(page);
      state->log->add("page " + std::to_string(page->delivery));
      answer_or_hold(self, *state, [=]() mutable {
        if (sink->failure)
          promise.deliver(sink->failure);
        else
          promise.deliver(atoms::ok_atom::value);
      });
      return promise;
    },
    [=](atoms::checkpoint_atom) {
      auto promise = self->make_response_promise<sink_report>();
      state->log->add("cut");
      answer_or_hold(self, *state, [=]() mutable {
        if (sink->failure)
          promise.deliver(sink->failure);
        else
          promise.deliver(
            sink_report{sink->name, std::to_string(sink->positions++), 0});
      });
      return promise;
    },
    [=](atoms::drain_atom) {
      state->log->add("drain " + state->name);
      return atoms::ok_atom::value;
    },
    [=](atoms::close_atom) -> caf::result<atoms::ok_atom> {
      state->log->add("close " + state->name);
      if (state->not_closed)
        return state->not_closed;
      return atoms::ok_atom::value;
    },
    [](atoms::wake_atom) {},
    carry_out,
  };
}

} // namespace sluice::test
