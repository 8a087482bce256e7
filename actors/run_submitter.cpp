#include "actors/run_submitter.hpp"

#include "actors/permits.hpp"
#include "core/base/log.hpp"

namespace sluice {

using kind = submit_result;

void run_submitter_state::pump() {
  while (!parked_.empty() && may_send()) {
    auto batch = std::move(parked_.front());
    parked_.pop_front();
    ask_permit(batch);
  }
  while (phase_.may_ask() && !drain_.begun() && gate_->may_take(phase_.asked()))
    ask_reader();
  show_wait();
  check_finished();
}

bool run_submitter_state::may_send() const {
  return gate_->may_send() && !drain_.begun();
}

void run_submitter_state::ask_reader() {
  phase_.ask();
  self_->request(config_.reader, caf::infinite, atoms::next_atom::value)
    .then([this](batch_offer& offer) { on_offer(offer); },
          [this](const caf::error& reason) { fail(reason); });
}

void run_submitter_state::on_offer(batch_offer& offer) {
  phase_.on_offer(offer.batch.has_value());
  left_ = offer.left;
  note_limit(offer.limit);
  if (offer.batch) {
    gate_->took();
    auto batch = std::make_shared<const url_batch>(std::move(*offer.batch));
    if (batch->ticket)
      keep_ticket(batch->key, *batch->ticket).ambiguous = true;
    ask_permit(batch);
  }
  pump();
}

void run_submitter_state::ask_permit(const batch_ptr& batch) {
  auto may_post = [=, this] { return may_send() && !is_too_late(batch->key); };
  with_permit(
    self_, config_.limiter, request_kind::submit,
    permit_use{
      .wanted = may_post,
      .send = [=, this](const permit& granted) { post(batch, granted); },
      .unwanted = [=, this] { on_unsent(batch); },
      .fail = [this](const caf::error& reason) { fail(reason); }});
}

void run_submitter_state::on_unsent(const batch_ptr& batch) {
  if (may_send())
    return hold_unsent(batch); // too late to repeat it
  if (!drain_.begun() && !gate_->halted())
    return parked_.push_back(batch);
  give_back(*batch);
  check_finished();
}

void run_submitter_state::give_back(const url_batch& batch) {
  gate_->put_back();
  keyed_.erase(batch.key);
}

submit_order run_submitter_state::order_of(const batch_ptr& batch) const {
  submit_order order;
  order.urls = {batch, &batch->urls};
  order.robot = batch->robot;
  if (config_.runs.budget == run_settings::budget_rule::urls)
    order.budget = batch->urls.size();
  else if (config_.runs.budget == run_settings::budget_rule::number)
    order.budget = config_.runs.budget_number;
  return order;
}

void run_submitter_state::post(const batch_ptr& batch, const permit& granted) {
  drain_.add();
  auto abandon = [this](const caf::error& reason) {
    drain_.remove();
    fail(reason);
    drain_.answer_if_idle();
  };
  auto fail_unsent = [=, this](const caf::error& reason) {
    self_->send(config_.limiter, atoms::release_atom::value, granted);
    abandon(reason);
  };
  auto order = order_of(batch);
  auto intent = intent_of(batch->key, order);
  if (!intent)
    return fail_unsent(intent.error());
  // The intent is on disk before the request is sent.
  self_->request(config_.ledger, caf::infinite, *intent)
    .then(
      [=, this, again = intent->again](atoms::ok_atom) {
        if (is_too_late(batch->key)) { // the disk was slow
          self_->send(config_.limiter, atoms::release_atom::value, granted);
          drain_.remove();
          return hold_unsent(batch);
        }
        self_->request(config_.pool, caf::infinite, granted, order)
          .then([=, this](const submit_reply& reply) { settle(batch, reply); },
                abandon);
        if (again) {
          phase_.may_have_more(); // URLs that waited for the first try
          pump();
        }
      },
      fail_unsent);
}

submit_outcome run_submitter_state::outcome_of(const url_batch& batch,
                                               const submit_verdict& verdict) {
  auto outcome = [&](kind what, std::string text = {}) {
    return submit_outcome{batch.key, what, std::move(text)};
  };
  switch (verdict.action) {
    case submit_action::accepted:
      return outcome(kind::accepted, verdict.run_id);
    case submit_action::replan:
    case submit_action::stop_job:
    case submit_action::no_credits:
      return outcome(kind::replanned);
    case submit_action::too_large:
    case submit_action::narrow:
      if (batch.urls.size() > 1)
        return verdict.action == submit_action::narrow
                 ? outcome(kind::narrowed, verdict.message)
                 : outcome(kind::split);
      // If nothing was ever accepted and a second single URL is refused, the
      // request is wrong, not the URL.
      if (verdict.action == submit_action::narrow && !gate_->canary_passed()
          && ++refused_alone_ > 1)
        return outcome(kind::all_replanned);
      return outcome(kind::rejected, verdict.message);
    case submit_action::hold:
      break;
  }
  return outcome(kind::held, verdict.message);
}

void run_submitter_state::settle(const batch_ptr& batch,
                                 const submit_reply& reply) {
  auto keyed = keyed_.find(batch->key);
  if (keyed == keyed_.end())
    return record(batch, outcome_of(*batch, reply.verdict), reply);
  auto& submit = keyed->second;
  auto next = config_.idempotent->rule.after(reply.verdict, submit.ambiguous,
                                             age_of(submit));
  if (next.action == repeat_action::repeat)
    return await_repeat(batch, submit, reply);
  keyed_.erase(keyed);
  if (next.action == repeat_action::hold)
    return record(batch, {batch->key, kind::held, next.reason}, reply);
  record(batch, outcome_of(*batch, reply.verdict), reply);
}

void run_submitter_state::record(const batch_ptr& batch, submit_outcome outcome,
                                 const submit_reply& reply) {
  self_->request(config_.ledger, caf::infinite, outcome)
    .then(
      [=, this](atoms::ok_atom) {
        drain_.remove();
        phase_.may_have_more(); // URLs that waited for this outcome
        recorded(*batch, outcome, reply);
        show_counts();
        drain_.answer_if_idle();
        pump();
      },
      [=, this](const caf::error& reason) {
        // The run belongs to another batch, so it is unknown whether this batch
        // has one.
        if (outcome.what == kind::accepted && code_of(reason) == ec::bad_reply)
          return record(
            batch,
            {batch->key, kind::held,
             "the API returned a run that is not new: " + what_of(reason)},
            reply);
        // The only trace of a run that exists and is paid for.
        if (outcome.what == kind::accepted)
          log_event(
            log_level::error, "run_not_recorded",
            "the API accepted a run that the ledger cannot record; note its id",
            {{"run", outcome.text}, {"batch", outcome.batch}});
        drain_.remove();
        fail(reason);
        drain_.answer_if_idle();
      });
}

void run_submitter_state::recorded(const url_batch& batch,
                                   const submit_outcome& outcome,
                                   const submit_reply& reply) {
  if (outcome.what == kind::accepted)
    on_accepted(batch, outcome.text);
  else if (outcome.what == kind::held)
    on_held(batch, outcome.text, reply.verdict);
  else
    on_refused(batch, outcome, reply);
}

void run_submitter_state::on_accepted(const url_batch& batch,
                                      const std::string& run_id) {
  gate_->accepted();
  backoff_->reset();
  show_accepted(batch, run_id);
  self_->send(config_.poller,
              active_run{batch.key, run_ref{run_id, {}},
                         static_cast<uint32_t>(batch.urls.size()),
                         config_.wall_ms()});
}

void run_submitter_state::on_held(const url_batch& batch,
                                  const std::string& reason,
                                  const submit_verdict& verdict) {
  show_held(batch, reason);
  find_later(config_.times.find_first);
  if (verdict.not_sent) // says nothing about the API
    return gate_->put_back();
  if (!gate_->ambiguous())
    return end_submitting(make_error(
      ec::stopped, "submitting ended after "
                     + std::to_string(submit_gate::most_ambiguous)
                     + " ambiguous submits in a row (last: " + reason
                     + "); find out what the API did with the held batches"));
  probe();
}

void run_submitter_state::on_refused(const url_batch& batch,
                                     const submit_outcome& outcome,
                                     const submit_reply& reply) {
  auto& verdict = reply.verdict;
  gate_->refused(!verdict.not_sent);
  if (outcome.what != kind::rejected)
    ++left_;
  switch (verdict.action) {
    case submit_action::stop_job:
      return stop_job(make_error(ec::api_refused, verdict.message));
    case submit_action::no_credits:
      return end_submitting(make_error(
        ec::api_refused, "the API says that no credits are left: "
                           + verdict.message + "; top up the account"));
    case submit_action::narrow:
    case submit_action::too_large:
      break;
    default:
      if (!verdict.rate_limited())
        wait(verdict.least_wait());
      return;
  }
  if (outcome.what == kind::rejected) {
    show_rejected(batch, verdict);
  } else if (outcome.what == kind::all_replanned) {
    stop_job(make_error(ec::api_refused,
                        "the API refuses every URL, so the request is wrong: "
                          + verdict.message
                          + "; check runs.robot and api.profile"));
  }
}

void run_submitter_state::wait(duration at_least) {
  // Submits in flight together fail together; that counts as one failure.
  if (gate_->waiting())
    return;
  gate_->wait(true);
  self_->delayed_send(self_, backoff_->next(at_least), atoms::wake_atom::value);
}

void run_submitter_state::may_plan_more() {
  if (config_.runs.retry_missing > 0 || !limit_.empty())
    phase_.may_have_more();
}

void run_submitter_state::note_limit(const std::string& limit) {
  limit_ = limit;
  config_.counters->limit.set(limit);
}

void run_submitter_state::end_submitting(const caf::error& reason) {
  if (!gate_->halted())
    log_event(log_level::error, "submitting_stopped", what_of(reason));
  halt(reason);
}

void run_submitter_state::halt(caf::error reason) {
  if (gate_->halted())
    return;
  gate_->halt();
  halted_by_ = std::move(reason);
  for (; !parked_.empty(); parked_.pop_front())
    give_back(*parked_.front());
  give_back_resting();
}

void run_submitter_state::stop_job(const caf::error& reason) {
  halt(reason);
  fail(reason);
}

void run_submitter_state::fail(const caf::error& reason) {
  self_->send(config_.supervisor, atoms::failed_atom::value, reason);
}

void run_submitter_state::check_finished() {
  if (phase_.finished() || drain_.begun() || phase_.is_asking() || finding_
      || !gate_->idle())
    return;
  if (!gate_->halted() && !phase_.exhausted())
    return;
  // Evidence may have turned up by now, and this is the last chance to look.
  if (can_find() && phase_.begin_last_look())
    return find_runs();
  phase_.finish();
  report_end();
}

void run_submitter_state::report_end() {
  if (gate_->halted())
    return fail(halted_by_);
  if (limit_.empty())
    return self_->send(config_.supervisor, atoms::finished_atom::value);
  log_event(log_level::info, "limit_reached", limit_);
  fail(make_error(ec::limited, limit_));
}

// -- what the user sees -------------------------------------------------------

void run_submitter_state::show_accepted(const url_batch& batch,
                                        const std::string& run_id) {
  config_.counters->urls_bought += batch.urls.size();
  log_event(log_level::debug, "run_submitted", "the API accepted a run",
            {{"run", run_id}, {"urls", batch.urls.size()}});
}

void run_submitter_state::show_held(const url_batch& batch,
                                    const std::string& reason) {
  ++held_;
  ++config_.counters->held_batches;
  log_event(log_level::warn, "batch_held",
            "it is unknown whether a run exists for this batch; it is held and "
            "not sent again",
            {{"batch", batch.key}, {"reason", reason}});
}

void run_submitter_state::show_rejected(const url_batch& batch,
                                        const submit_verdict& verdict) {
  config_.counters->urls_settled += 1;
  log_event(log_level::warn, "url_rejected",
            "the API refuses this URL: " + verdict.message,
            {{"url", batch.urls.front()}});
}

void run_submitter_state::show_counts() {
  config_.counters->active_runs = gate_->active();
  config_.counters->unread_runs = gate_->unread();
}

void run_submitter_state::show_wait() {
  auto wait = drain_.begun() ? submit_wait::none : gate_->waits_for(left_ > 0);
  if (wait == submit_wait::sending && gate_->resting() > 0
      && gate_->resting() == gate_->in_hand())
    wait = submit_wait::pause;
  config_.counters->time.note(self_->clock().now(), wait);
}

// -- the messages -------------------------------------------------------------

run_submitter_actor::behavior_type
run_submitter_state::make_behavior(run_submitter_config config) {
  config_ = std::move(config);
  auto& runs = config_.runs;
  gate_.emplace(
    slot_limits{runs.max_concurrent, runs.queue_ahead, runs.max_unread},
    config_.active, config_.unread, config_.canary_passed);
  backoff_.emplace(config_.times.backoff_base, config_.times.backoff_cap,
                   config_.seed);
  left_ = config_.planned;
  held_ = config_.held;
  show_counts();
  self_->send(self_, atoms::wake_atom::value);
  return {
    [this](const slot_freed& run) {
      gate_->run_ended(run.to_pager);
      if (!run.to_pager)
        may_plan_more();
      show_counts();
      pump();
    },
    [this](const run_committed&) {
      gate_->committed();
      may_plan_more();
      show_counts();
      pump();
    },
    [this](const replies_readable& now) {
      if (now.yes)
        unreadable_.erase(now.kind);
      else
        unreadable_.insert(now.kind);
      gate_->readable(unreadable_.empty());
      pump();
    },
    [this](const batch_decisions& decisions) { on_decisions(decisions); },
    [this](atoms::find_atom) {
      find_timer_ = false;
      if (can_find())
        find_runs();
    },
    [this](atoms::drain_atom) {
      auto promise = drain_.begin(self_);
      show_wait();
      drain_.answer_if_idle();
      return promise;
    },
    [this](atoms::wake_atom) {
      gate_->wait(false);
      if (gate_->api_unresponsive())
        probe();
      pump();
    },
    [this](atoms::wake_atom, batch_key batch) { wake(batch); },
  };
}

run_submitter_actor::behavior_type
run_submitter(run_submitter_state::pointer self, run_submitter_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
