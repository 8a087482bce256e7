#include "actors/ledger_keeper.hpp"

#include "core/crash_point.hpp"

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

caf::expected<batch_decisions> ledger_keeper_state::look() {
  batch_decisions result;
  auto changed = config_.store->changed_beside();
  if (!changed)
    return changed.error();
  result.changed = *changed;
  if (!*changed)
    return result;
  auto adopted = config_.store->take_adopted();
  if (!adopted)
    return adopted.error();
  for (auto& run : *adopted)
    result.adopted.push_back(
      {run.batch, run.run, run.url_count, run.submitted_at_ms});
  auto numbers = config_.store->report();
  if (!numbers)
    return numbers.error();
  result.held = numbers->held_batches;
  return result;
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
    [this, &store](atoms::begin_atom, batch_key batch) {
      lease claim{config_.worker,
                  config_.wall_ms() + config_.lease.count()};
      return answer(store.begin_submit(batch, claim));
    },
    [this](const submit_outcome& outcome) {
      auto err = settle(outcome);
      crash_point(crash_at::submit_recorded);
      return answer(err);
    },
    [&store](const run_ended& run) {
      auto err = store.end_run(run.batch, run.end, run.saved);
      crash_point(crash_at::run_ended);
      return answer(err);
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
    [this](atoms::look_atom) -> caf::result<batch_decisions> {
      auto decisions = look();
      if (!decisions)
        return decisions.error();
      return std::move(*decisions);
    },
    [&store](const checkpoint_ptr& cut) { return answer(store.commit(*cut)); },
  };
}

ledger_keeper_actor::behavior_type
ledger_keeper(ledger_keeper_state::pointer self, ledger_keeper_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
