// Checks at intervals whether another process (`sluice resolve`) has decided
// about held batches, and tells the submitter.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

struct decision_watch_config {
  ledger_keeper_actor ledger;
  run_submitter_actor submitter;
  supervisor_actor supervisor;
  duration every{}; ///< between two checks
};

decision_watch_actor::behavior_type
decision_watch(decision_watch_actor::pointer self,
               const decision_watch_config& config);

} // namespace sluice
