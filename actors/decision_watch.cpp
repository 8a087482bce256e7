#include "actors/decision_watch.hpp"

namespace sluice {

decision_watch_actor::behavior_type
decision_watch(decision_watch_actor::pointer self,
               const decision_watch_config& config) {
  auto again = [=] {
    self->delayed_send(self, config.every, atoms::decisions_atom::value);
  };
  again();
  return {
    [=](atoms::decisions_atom ask) {
      self->request(config.ledger, caf::infinite, ask)
        .then(
          [=](const batch_decisions& decisions) {
            if (decisions.changed)
              self->send(config.submitter, decisions);
            again();
          },
          [=](const caf::error& reason) {
            self->send(config.supervisor, atoms::failed_atom::value, reason);
          });
    },
  };
}

} // namespace sluice
