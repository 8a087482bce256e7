#include "actors/ledger_keeper.hpp"

namespace sluice {

namespace {

caf::result<caf::ok_atom> answer(caf::error err) {
  if (err)
    return err;
  return caf::ok_atom::value;
}

} // namespace

caf::error ledger_keeper_state::settle(const submit_outcome& outcome) {
  using kind = submit_outcome::kind;
  auto& store = *config_.store;
  switch (outcome.what) {
    case kind::accepted:
      return store.accept(outcome.batch, outcome.text, config_.wall_ms());
    case kind::replanned:
      return store.replan(outcome.batch);
    case kind::all_replanned:
      return store.replan_all(outcome.batch);
    case kind::held:
      return store.hold(outcome.batch, outcome.text);
    case kind::split:
      return store.split(outcome.batch);
    case kind::rejected:
      return store.reject(outcome.batch, outcome.text);
  }
  return make_error(ec::internal, "unknown outcome of a submit");
}

ledger_keeper_actor::behavior_type
ledger_keeper_state::make_behavior(ledger_keeper_config config) {
  config_ = std::move(config);
  auto& store = *config_.store;
  return {
    [&store](atoms::next_atom) -> caf::result<batch_offer> {
      auto batch = store.next_planned();
      if (!batch)
        return batch.error();
      return batch_offer{std::move(*batch)};
    },
    [&store](atoms::begin_atom, batch_key batch) {
      return answer(store.begin_submit(batch));
    },
    [this](const submit_outcome& outcome) { return answer(settle(outcome)); },
    [&store](const run_ended& run) {
      return answer(store.end_run(run.batch, run.end, run.saved));
    },
    [&store](const run_given_up& run) {
      return answer(store.hold(run.batch, run.reason));
    },
    [&store](atoms::start_atom, batch_key batch) -> caf::result<paging_start> {
      auto start = store.start_paging(batch);
      if (!start)
        return start.error();
      return std::move(*start);
    },
    [&store](const checkpoint_ptr& cut) { return answer(store.commit(*cut)); },
  };
}

ledger_keeper_actor::behavior_type
ledger_keeper(ledger_keeper_state::pointer self, ledger_keeper_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
