#include "actors/ledger_keeper.hpp"

#include "core/ledger/kept_reply.hpp"

#include <utility>

namespace sluice {

namespace {

template <class T>
caf::result<T> result_of(caf::expected<T> value) {
  if (!value)
    return value.error();
  return std::move(*value);
}

/// The most held batches whose runs are looked for at once.
constexpr size_t most_held = 50;

} // namespace

ledger_keeper_state::~ledger_keeper_state() {
  if (grouping_)
    end_group();
}

/// The group ends after everything now in the mailbox.
caf::error ledger_keeper_state::join_group() {
  if (grouping_)
    return {};
  if (auto err = config_.store->begin_group())
    return err;
  grouping_ = true;
  self_->send(self_, atoms::wake_atom::value);
  return {};
}

template <class T>
caf::typed_response_promise<T> ledger_keeper_state::make_result(
  std::optional<crash_at> on_disk,
  const std::function<caf::expected<T>()>& body) {
  auto promise = self_->make_response_promise<T>();
  auto err = join_group();
  auto result = err ? caf::expected<T>{err} : body();
  if (!result) {
    promise.deliver(result.error());
    return promise;
  }
  auto answer = [this, promise,
                 value = std::move(*result)](caf::error lost) mutable {
    if (!lost)
      lost = complete(value);
    if (lost)
      promise.deliver(lost);
    else
      promise.deliver(std::move(value));
  };
  group_.push_back({std::move(answer), on_disk});
  return promise;
}

caf::typed_response_promise<atoms::ok_atom>
ledger_keeper_state::make(std::optional<crash_at> on_disk,
                          const std::function<caf::error()>& body) {
  return make_result<atoms::ok_atom>(on_disk,
                                     [&]() -> caf::expected<atoms::ok_atom> {
                                       if (auto err = body())
                                         return err;
                                       return atoms::ok_atom::value;
                                     });
}

void ledger_keeper_state::end_group() {
  grouping_ = false;
  crash_point(crash_at::changes_made);
  auto err = config_.store->end_group();
  if (err)
    lost_ = err;
  for (auto& [answer, on_disk] : std::exchange(group_, {})) {
    if (on_disk && !err)
      crash_point(*on_disk);
    answer(err);
  }
}

/// Answers at once, although the batch may have been planned in a group that is
/// still open. That is safe: nothing is sent before `begin`, which fails with
/// the group, and a lost group ends the job.
caf::expected<batch_offer> ledger_keeper_state::next() {
  if (lost_)
    return lost_;
  auto& store = *config_.store;
  auto batch = store.next_planned();
  if (!batch)
    return batch.error();
  auto left = store.planned_left();
  if (!left)
    return left.error();
  auto& limit = store.limited_by();
  return batch_offer{std::move(*batch), limit.empty() ? *left : 0, limit};
}

caf::error ledger_keeper_state::begin(const submit_intent& intent) {
  // If the group that planned this batch was undone, the batch does not exist.
  if (lost_)
    return lost_;
  auto now = config_.wall_ms();
  lease claim{config_.worker, now + config_.lease.count(), now};
  auto& store = *config_.store;
  return intent.again ? store.repeat_submit(intent.batch, claim)
                      : store.begin_submit(intent.batch, claim, intent.ticket);
}

caf::error ledger_keeper_state::settle(const submit_outcome& outcome) {
  return config_.store->settle(outcome.batch, outcome.what, outcome.text,
                               config_.wall_ms());
}

caf::typed_response_promise<batch_decisions>
ledger_keeper_state::poll_decisions() {
  auto changed = config_.store->changed_beside();
  if (changed && *changed)
    return make_result<batch_decisions>({}, [this] { return decisions(); });
  auto promise = self_->make_response_promise<batch_decisions>();
  if (changed)
    promise.deliver(batch_decisions{});
  else
    promise.deliver(changed.error());
  return promise;
}

caf::expected<batch_decisions>
ledger_keeper_state::adopt(const run_found& found) {
  auto done =
    config_.store->adopt_found(found.batch, found.run_id, config_.wall_ms());
  if (!done)
    return done.error();
  return *done ? decisions() : batch_decisions{};
}

caf::expected<kept_reply>
ledger_keeper_state::keep(const unreadable_reply& reply) {
  auto job = config_.store->job_id();
  if (!job)
    return job.error();
  auto file = kept_reply_file(config_.file, *job, reply.batch);
  if (auto err = keep_reply(file, *reply.body))
    return err;
  return kept_reply{file.native()};
}

caf::expected<batch_decisions>
ledger_keeper_state::read_again(const runs_to_read& wanted) {
  for (auto batch : wanted.batches) {
    auto err = config_.store->read_again(batch, config_.wall_ms());
    // The user may have resolved the batch in the meantime.
    if (err && code_of(err) != ec::usage)
      return err;
  }
  return decisions();
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
      {run.batch, run.run, run.url_count, run.submitted_at_ms, true});
  return result;
}

caf::error ledger_keeper_state::complete(batch_decisions& made) {
  if (!made.changed)
    return {};
  auto numbers = config_.store->report();
  if (numbers)
    made.held = numbers->held_batches;
  return numbers ? caf::error{} : numbers.error();
}

grouping_ledger_keeper_actor::behavior_type
ledger_keeper_state::make_behavior(ledger_keeper_config config) {
  config_ = std::move(config);
  auto& store = *config_.store;
  return {
    [this](atoms::next_atom) { return result_of(next()); },
    [this](const submit_intent& intent) {
      std::optional<crash_at> on_disk;
      if (intent.again)
        on_disk = crash_at::repeat_begun;
      return make(on_disk, [&] { return begin(intent); });
    },
    [this](const submit_outcome& outcome) {
      return make(crash_at::submit_recorded, [&] { return settle(outcome); });
    },
    [this, &store](const record_end& run) {
      return make(crash_at::run_ended, [&] {
        return store.record_end(run.batch, run.end, run.saved);
      });
    },
    [this, &store](const run_given_up& run) {
      return make({}, [&] { return store.give_up(run.batch, run.reason); });
    },
    [this, &store](const run_set_aside& run) {
      return make({}, [&] { return store.set_aside(run.batch, run.reason); });
    },
    [&store](atoms::start_atom, batch_key batch) {
      return result_of(store.start_paging(batch));
    },
    [this](atoms::decisions_atom) { return poll_decisions(); },
    [&store](atoms::held_atom) {
      return result_of(store.held_submits(most_held));
    },
    [this](const std::vector<listed_run>& runs) {
      return result_of(unknown_of(runs));
    },
    [this](const run_found& found) {
      return make_result<batch_decisions>({}, [&] { return adopt(found); });
    },
    [this](const unreadable_reply& reply) { return result_of(keep(reply)); },
    [this](const runs_to_read& wanted) {
      return make_result<batch_decisions>({},
                                          [&] { return read_again(wanted); });
    },
    [this, &store](const checkpoint_ptr& point) {
      return make(crash_at::checkpoint_committed,
                  [&] { return store.commit(*point); });
    },
    [this](atoms::wake_atom) { end_group(); },
  };
}

grouping_ledger_keeper_actor::behavior_type
ledger_keeper(ledger_keeper_state::pointer self, ledger_keeper_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
