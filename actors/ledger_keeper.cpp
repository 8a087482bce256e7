#include "actors/ledger_keeper.hpp"

#include "core/crash_point.hpp"

namespace sluice {

namespace {

caf::result<caf::ok_atom> answer(caf::error err) {
  if (err)
    return err;
  return caf::ok_atom::value;
}

template <class T>
caf::result<T> result_of(caf::expected<T> value) {
  if (!value)
    return value.error();
  return std::move(*value);
}

/// Held batches whose runs are looked for at once.
constexpr size_t most_held = 50;

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
  auto changed = config_.store->changed_beside();
  if (!changed)
    return changed.error();
  return *changed ? decisions() : batch_decisions{};
}

caf::expected<batch_decisions>
ledger_keeper_state::adopt(const run_found& found) {
  auto done =
    config_.store->adopt_found(found.batch, found.run_id, config_.wall_ms());
  if (!done)
    return done.error();
  return *done ? decisions() : batch_decisions{};
}

caf::expected<std::vector<listed_run>>
ledger_keeper_state::unknown_of(const std::vector<listed_run>& runs) {
  std::vector<listed_run> result;
  for (auto& run : runs) {
    auto known = config_.store->knows_run(run.id);
    if (!known)
      return known.error();
    if (!*known)
      result.push_back(run);
  }
  return result;
}

caf::expected<batch_decisions> ledger_keeper_state::decisions() {
  batch_decisions result;
  result.changed = true;
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
      auto left = store.planned_left();
      if (!left)
        return left.error();
      return batch_offer{std::move(*batch), *left};
    },
    [this, &store](atoms::begin_atom, batch_key batch) {
      auto now = config_.wall_ms();
      lease claim{config_.worker, now + config_.lease.count(), now};
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
    [&store](atoms::start_atom, batch_key batch) {
      return result_of(store.start_paging(batch));
    },
    [this](atoms::look_atom) { return result_of(look()); },
    [&store](atoms::held_atom) {
      return result_of(store.held_submits(most_held));
    },
    [this](const std::vector<listed_run>& runs) {
      return result_of(unknown_of(runs));
    },
    [this](const run_found& found) { return result_of(adopt(found)); },
    [&store](const checkpoint_ptr& cut) { return answer(store.commit(*cut)); },
  };
}

ledger_keeper_actor::behavior_type
ledger_keeper(ledger_keeper_state::pointer self, ledger_keeper_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
