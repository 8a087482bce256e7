// Doubles of the actors around the one under test. Each records what it
// receives in a struct that the test shares.

#pragma once

#include "actors/protocol.hpp"
#include "core/model/batch.hpp"
#include "tests/support/held_replies.hpp"
#include "tests/support/journal.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

// -- the limiter --------------------------------------------------------------

/// Grants at once or when told to.
struct fake_limiter {
  bool silent = false; ///< permits wait for `grant`
  std::vector<request_kind> asked;
  std::vector<permit> released;
  held_replies parked;

  /// Grants the `count` oldest of the permits held back.
  void grant(size_t count = SIZE_MAX) { parked.answer(count); }
};

using fake_limiter_ptr = std::shared_ptr<fake_limiter>;

holding<rate_limiter_actor>::behavior_type
limiter_double(holding<rate_limiter_actor>::pointer self,
               fake_limiter_ptr state);

// -- the supervisor -----------------------------------------------------------

struct fake_supervisor {
  uint64_t finished = 0;
  std::vector<caf::error> failures;
};

using fake_supervisor_ptr = std::shared_ptr<fake_supervisor>;

supervisor_actor::behavior_type
supervisor_double(supervisor_actor::pointer, fake_supervisor_ptr state);

// -- the stages ---------------------------------------------------------------

struct fake_stages {
  std::vector<active_run> active;
  std::vector<terminal_run> ended;
  std::vector<slot_freed> left;
  std::vector<batch_key> committed;
  std::vector<bool> readable; ///< what the pager reported
  std::vector<batch_decisions> decisions;
  journal_ptr log = std::make_shared<journal>();
};

using fake_stages_ptr = std::shared_ptr<fake_stages>;

run_submitter_actor::behavior_type
submitter_double(run_submitter_actor::pointer, fake_stages_ptr state);

run_poller_actor::behavior_type
poller_double(run_poller_actor::pointer, fake_stages_ptr state);

capture_pager_actor::behavior_type
pager_double(capture_pager_actor::pointer, fake_stages_ptr state);

// -- sinks --------------------------------------------------------------------

/// A sink's shell under the test's control. While `acks` is false, pages and
/// checkpoints are not answered. While `failure` is set, all of them fail with
/// it.
struct fake_sink {
  std::string name = "fake";
  bool acks = true;
  caf::error failure;
  caf::error not_closed;
  std::vector<page_ptr> pages;
  journal_ptr log = std::make_shared<journal>();
  uint64_t positions = 0; ///< answered
  held_replies held;

  /// Answers the `count` oldest requests held back, in order.
  void answer(size_t count = SIZE_MAX) { held.answer(count); }
};

using fake_sink_ptr = std::shared_ptr<fake_sink>;

holding<sink_actor>::behavior_type
sink_double(holding<sink_actor>::pointer self, fake_sink_ptr state);

} // namespace sluice::test
