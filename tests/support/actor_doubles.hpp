// Doubles of the actors around the one under test: each keeps what it is sent
// in a struct that the test owns, too.

#pragma once

#include "actors/protocol.hpp"
#include "tests/support/journal.hpp"

#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace sluice::test {

// -- the limiter --------------------------------------------------------------

/// Grants at once, or when told.
struct fake_limiter {
  bool holding = false; ///< permits wait for `grant`
  std::vector<request_kind> asked;
  std::vector<permit> released;
  uint64_t granted = 0;
  std::deque<std::pair<request_kind, caf::typed_response_promise<permit>>>
    parked;

  void grant(size_t count = SIZE_MAX) {
    for (; count > 0 && !parked.empty(); --count) {
      auto [kind, promise] = std::move(parked.front());
      parked.pop_front();
      ++granted;
      promise.deliver(permit{kind, time_point{}});
    }
  }
};

using fake_limiter_ptr = std::shared_ptr<fake_limiter>;

inline rate_limiter_actor::behavior_type
limiter_double(rate_limiter_actor::pointer self, fake_limiter_ptr state) {
  return {
    [=](atoms::permit_atom, request_kind kind) {
      auto promise = self->make_response_promise<permit>();
      state->asked.push_back(kind);
      state->parked.emplace_back(kind, promise);
      if (!state->holding)
        state->grant();
      return promise;
    },
    [=](atoms::release_atom, const permit& unused) {
      state->released.push_back(unused);
    },
    [](atoms::idle_atom, uint32_t) {},
    [](const request_report&) {},
    [](atoms::wake_atom, uint64_t) {},
  };
}

// -- the supervisor -----------------------------------------------------------

struct fake_supervisor {
  uint64_t finished = 0;
  std::vector<caf::error> failures;
};

using fake_supervisor_ptr = std::shared_ptr<fake_supervisor>;

inline supervisor_actor::behavior_type
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

struct fake_stages {
  std::vector<active_run> active;
  std::vector<ended_run> ended;
  std::vector<run_left> left;
  std::vector<batch_key> committed;
  journal_ptr log = std::make_shared<journal>();
};

using fake_stages_ptr = std::shared_ptr<fake_stages>;

inline run_submitter_actor::behavior_type
submitter_double(run_submitter_actor::pointer, fake_stages_ptr state) {
  return {
    [=](const run_left& run) { state->left.push_back(run); },
    [=](const run_committed& run) {
      state->committed.push_back(run.batch);
      state->log->add("run_committed " + std::to_string(run.batch));
    },
    [=](atoms::drain_atom) {
      state->log->add("drain submitter");
      return atoms::ok_atom::value;
    },
    [](atoms::wake_atom) {},
  };
}

inline run_poller_actor::behavior_type
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

inline capture_pager_actor::behavior_type
pager_double(capture_pager_actor::pointer, fake_stages_ptr state) {
  return {
    [=](const ended_run& run) {
      state->ended.push_back(run);
      state->log->add("ended_run " + std::to_string(run.batch));
    },
    [=](atoms::drain_atom) {
      state->log->add("drain pager");
      return atoms::ok_atom::value;
    },
    [](atoms::cut_atom) {},
    [](atoms::wake_atom, int64_t) {},
  };
}

// -- sinks --------------------------------------------------------------------

/// A sink's shell under the test's control: while `acks` is false, nothing is
/// answered, pages and cuts alike; while `failure` is set, all with it.
struct fake_sink {
  std::string name = "fake";
  bool acks = true;
  caf::error failure;
  std::vector<page_ptr> pages;
  journal_ptr log = std::make_shared<journal>();
  using page_promise = caf::typed_response_promise<atoms::ok_atom>;
  using cut_promise = caf::typed_response_promise<sink_report>;
  std::deque<std::variant<page_promise, cut_promise>> held;

  /// Answers the `count` oldest of what is held, in order.
  void answer(size_t count = SIZE_MAX) {
    for (; count > 0 && !held.empty(); --count) {
      std::visit([this](auto& promise) { settle(promise); }, held.front());
      held.pop_front();
    }
  }

private:
  void settle(page_promise& promise) {
    if (failure)
      promise.deliver(failure);
    else
      promise.deliver(atoms::ok_atom::value);
  }

  void settle(cut_promise& promise) {
    if (failure)
      promise.deliver(failure);
    else
      promise.deliver(sink_report{name, std::to_string(positions_++), 0});
  }

  uint64_t positions_ = 0;
};

using fake_sink_ptr = std::shared_ptr<fake_sink>;

inline sink_actor::behavior_type
sink_double(sink_actor::pointer self, fake_sink_ptr state) {
  return {
    [](atoms::start_atom) { return atoms::ok_atom::value; },
    [=](const page_ptr& page) {
      auto promise = self->make_response_promise<atoms::ok_atom>();
      state->pages.push_back(page);
      state->log->add("page " + std::to_string(page->delivery));
      state->held.emplace_back(promise);
      if (state->acks)
        state->answer();
      return promise;
    },
    [=](atoms::cut_atom) {
      auto promise = self->make_response_promise<sink_report>();
      state->log->add("cut");
      state->held.emplace_back(promise);
      if (state->acks)
        state->answer();
      return promise;
    },
    [=](atoms::drain_atom) {
      state->log->add("drain " + state->name);
      return atoms::ok_atom::value;
    },
    [=](atoms::close_atom) {
      state->log->add("close " + state->name);
      return atoms::ok_atom::value;
    },
    [](atoms::wake_atom) {},
  };
}

} // namespace sluice::test
