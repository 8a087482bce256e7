#include "actors/run_finder.hpp"

#include "core/base/log.hpp"

namespace sluice {

run_finder_state::~run_finder_state() {
  if (promise_.pending())
    promise_.deliver(make_error(ec::stopped, "the run finder has ended"));
}

template <class Reply, class Order, class Then>
void run_finder_state::ask(const Order& order, Then then) {
  auto failed = [this](const caf::error& reason) { end(reason); };
  self_
    ->request(config_.limiter, caf::infinite, atoms::permit_atom::value,
              request_kind::poll)
    .then(
      [=, this](const permit& granted) {
        self_->request(config_.pool, caf::infinite, granted, order)
          .then([=](Reply& reply) { then(reply); }, failed);
      },
      failed);
}

void run_finder_state::begin(const held_submits& held) {
  found_.clear();
  match_.emplace(held);
  robots_ = match_->robots();
  list_next();
}

void run_finder_state::list_next() {
  if (robots_.empty())
    return look_at_next();
  run_list_order order{robots_.extract(robots_.begin()).value()};
  ask<run_list_reply>(order, [this](run_list_reply& reply) {
    if (reply.verdict.outcome == read_outcome::ok)
      return sift(std::move(reply.runs));
    log_event(log_level::warn, "run_list_failed", reply.verdict.message);
    list_next();
  });
}

/// Keeps only the runs that the ledger does not know.
void run_finder_state::sift(std::vector<listed_run> listed) {
  self_->request(config_.ledger, caf::infinite, std::move(listed))
    .then(
      [this](std::vector<listed_run>& unknown) {
        match_->on_list(std::move(unknown));
        list_next();
      },
      [this](const caf::error& reason) { end(reason); });
}

void run_finder_state::look_at_next() {
  auto run = match_->next_candidate();
  if (!run) {
    auto certain = match_->certain();
    found_.assign(certain.begin(), certain.end());
    return check_next();
  }
  page_order order{run_ref{run->id, {}}, {}};
  ask<page_reply>(order, [run = std::move(*run), this](page_reply& reply) {
    if (reply.verdict.outcome == read_outcome::ok)
      match_->on_captures(run, reply);
    else
      match_->on_no_captures(run);
    look_at_next();
  });
}

void run_finder_state::check_next() {
  if (found_.empty())
    return end();
  auto found = std::move(found_.front());
  found_.pop_front();
  ask<status_reply>(run_ref{found.run_id, {}}, [=, this](status_reply& reply) {
    if (reply.verdict.outcome == read_outcome::ok
        && !began_before(reply.run, found.batch))
      adopt(found);
    else
      check_next();
  });
}

void run_finder_state::adopt(const run_match::found& found) {
  self_
    ->request(config_.ledger, caf::infinite,
              run_found{found.batch.key, found.run_id})
    .then(
      [=, this](batch_decisions& decisions) {
        if (!decisions.adopted.empty())
          show_adopted(found);
        if (decisions.changed)
          decided_.held = decisions.held;
        decided_.changed |= decisions.changed;
        for (auto& run : decisions.adopted)
          decided_.adopted.push_back(std::move(run));
        check_next();
      },
      [this](const caf::error& reason) { end(reason); });
}

void run_finder_state::show_adopted(const run_match::found& found) {
  log_event(log_level::info, "run_adopted",
            "the run of a held batch was found in the API's list",
            {{"batch", found.batch.key}, {"run", found.run_id}});
}

void run_finder_state::end(const caf::error& reason) {
  if (reason)
    promise_.deliver(reason);
  else
    promise_.deliver(std::move(decided_));
  decided_ = {};
}

run_finder_actor::behavior_type
run_finder_state::make_behavior(run_finder_config config) {
  config_ = std::move(config);
  return {
    [this](atoms::find_atom) {
      promise_ = self_->make_response_promise<batch_decisions>();
      auto promise = promise_;
      self_->request(config_.ledger, caf::infinite, atoms::held_atom::value)
        .then([this](const held_submits& held) { begin(held); },
              [this](const caf::error& reason) { end(reason); });
      return promise;
    },
  };
}

run_finder_actor::behavior_type
run_finder(run_finder_state::pointer self, run_finder_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
