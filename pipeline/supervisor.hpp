// Watches the actors of a job and ends it in order: when all is done, something
// failed, the user asked, or an actor died.

#pragma once

#include "actors/protocol.hpp"

#include <future>
#include <memory>
#include <vector>

namespace sluice {

/// The actors to watch and to end, known once all are spawned.
struct supervised_parts {
  run_submitter_actor submitter;
  run_poller_actor poller;
  capture_pager_actor pager;
  std::vector<sink_actor> sinks;
  std::vector<caf::actor_addr> others;
};

} // namespace sluice

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::supervised_parts)

namespace sluice {

using job_supervisor_actor =
  supervisor_actor::extend<caf::reacts_to<supervised_parts>>;

struct supervisor_state {
  static inline constexpr const char* name = "supervisor";
};

/// After the last step of the shutdown, `ended` receives no error if everything
/// was done, else the first reason why not.
job_supervisor_actor::behavior_type
supervise(job_supervisor_actor::stateful_pointer<supervisor_state> self,
          std::shared_ptr<std::promise<caf::error>> ended);

} // namespace sluice
