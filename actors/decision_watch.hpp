// Looks again and again whether held batches were decided about beside the
// running job (`sluice resolve`), and tells the submitter.

#pragma once

#include "actors/protocol.hpp"

namespace sluice {

struct decision_watch_config {
  ledger_keeper_actor ledger;
  run_submitter_actor submitter;
  supervisor_actor supervisor;
  duration every{}; ///< between two looks
};

decision_watch_actor::behavior_type
decision_watch(decision_watch_actor::pointer self,
               decision_watch_config config);

} // namespace sluice
