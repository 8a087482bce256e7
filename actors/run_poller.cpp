#include "actors/run_poller.hpp"

#include "actors/gone_notice.hpp"
#include "actors/permits.hpp"
#include "core/base/job_command.hpp"
#include "core/base/log.hpp"
#include "core/flow/run_age.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

void run_poller_state::add(const active_run& run) {
  auto entry = std::make_shared<polled>();
  auto now = self_->clock().now();
  entry->run = run;
  entry->submitted_at = now;
  poll_pace pace{config_.poll.interval, config_.poll.min_interval,
                 config_.poll.max_interval, config_.times.slow_poll_after};
  auto has_slot = [](auto& other) { return !other.is_queued; };
  if (run.submitted_elsewhere)
    entry->schedule =
      poll_schedule::of_earlier(pace, history_, run.url_count, now);
  else
    entry->schedule.emplace(pace, history_, run.url_count, now);
  if (!run.submitted_elsewhere
      && std::count_if(runs_.begin(), runs_.end(), has_slot)
           >= config_.max_concurrent)
    entry->schedule->on_queued(now);
  entry->backoff.emplace(config_.times.backoff_base, config_.times.backoff_cap,
                         config_.seed + static_cast<uint64_t>(run.batch));
  show(*entry);
  if (auto at = find(run.batch); at == runs_.end() || at->batch != run.batch) {
    open_run open;
    open.batch = run.batch;
    open.run = std::move(entry);
    update(open);
    runs_.insert(at, std::move(open));
  }
  show_wait();
  poll_due();
}

/// The run of `batch`, or the place to insert it.
run_poller_state::open_runs::iterator run_poller_state::find(batch_key batch) {
  auto is_before = [](const open_run& open, batch_key key) {
    return open.batch < key;
  };
  return std::lower_bound(runs_.begin(), runs_.end(), batch, is_before);
}

void run_poller_state::update(open_run& open) {
  auto& schedule = *open.run->schedule;
  open.next = schedule.next();
  open.due = schedule.due();
  open.is_queued = schedule.is_queued();
}

void run_poller_state::show(const polled& run) {
  run_bar bar;
  bar.batch = run.run.batch;
  bar.id = printable(run.run.run.id, 80);
  bar.stage = run.schedule->is_queued() ? run_stage::queued : run_stage::active;
  bar.urls = run.run.url_count;
  bar.submitted_at_ms = run.run.submitted_at_ms;
  config_.counters->runs.put(std::move(bar));
}

void run_poller_state::poll_due() {
  if (drain_.begun())
    return;
  auto now = self_->clock().now();
  size_t due = 0, spare = 0;
  for (auto& open : runs_)
    if (!open.asking && open.next <= now)
      ++(open.due <= now ? due : spare);
  ask_permits(request_kind::poll, due);
  ask_permits(request_kind::spare_poll, spare);
  arm();
}

void run_poller_state::arm() {
  auto now = self_->clock().now();
  auto first = time_point::max();
  for (auto& open : runs_) {
    if (open.asking)
      continue;
    for (auto at : {open.next, open.due})
      if (at > now)
        first = std::min(first, at);
  }
  ++wake_id_;
  if (first != time_point::max())
    self_->delayed_send(self_, first - now, atoms::wake_atom::value, wake_id_);
}

void run_poller_state::ask_permits(request_kind kind, size_t wanted) {
  for (auto& asked = asked_[static_cast<size_t>(kind)]; asked < wanted; ++asked)
    ask_permit(kind);
}

void run_poller_state::ask_permit(request_kind kind) {
  auto chosen = std::make_shared<polled_ptr>();
  auto is_wanted = [=, this] {
    if (!drain_.begun())
      *chosen = choose(self_->clock().now());
    return *chosen != nullptr;
  };
  auto answered = [=, this] { --asked_[static_cast<size_t>(kind)]; };
  with_permit(
    self_, config_.limiter, kind,
    permit_use{.wanted = is_wanted,
               .send =
                 [=, this](const permit& granted) {
                   answered();
                   ask(*chosen, granted);
                 },
               .unwanted = answered,
               .fail = [this](const caf::error& reason) { fail(reason); }});
}

run_poller_state::polled_ptr run_poller_state::choose(time_point now) {
  polled_ptr best;
  std::pair<double, duration> most;
  for (auto& open : runs_) {
    if (open.asking || open.next > now)
      continue;
    std::pair worth{open.run->schedule->chance(now), duration{now - open.next}};
    if (best && worth <= most)
      continue;
    best = open.run;
    most = worth;
  }
  return best;
}

void run_poller_state::ask(const polled_ptr& run, const permit& granted) {
  auto batch = run->run.batch;
  find(batch)->asking = true;
  drain_.add();
  self_->request(config_.pool, caf::infinite, granted, run->run.run)
    .then(
      [=, this](const status_reply& reply) {
        drain_.remove();
        find(batch)->asking = false;
        on_reply(run, reply);
        if (auto at = find(batch); at != runs_.end() && at->batch == batch)
          update(*at);
        show_wait();
        drain_.answer_if_idle();
        poll_due();
      },
      [this](const caf::error& reason) { request_failed(reason); });
}

void run_poller_state::on_reply(const polled_ptr& run,
                                const status_reply& reply) {
  auto& verdict = reply.verdict;
  auto now = self_->clock().now();
  if (verdict.outcome != read_outcome::gone)
    run->denied.reset();
  else
    run->denied.deny(now);
  show_gone(*run, verdict);
  if (verdict.outcome != read_outcome::unreadable)
    run->tries.reset();
  run->failing = verdict.outcome != read_outcome::ok
                 && verdict.outcome != read_outcome::rate_limited;
  switch (verdict.outcome) {
    case read_outcome::ok:
      run->backoff->reset();
      on_readable(*run);
      return on_status(run, reply.run);
    case read_outcome::rate_limited:
      return run->schedule->on_failure(now, duration::zero());
    case read_outcome::gone:
      return on_gone(run, verdict);
    case read_outcome::stop_job:
      run->schedule->on_failure(now, run->backoff->next());
      return fail(make_error(ec::api_refused, verdict.message));
    case read_outcome::unreadable:
      return on_unreadable(run, verdict);
    case read_outcome::too_large:
      return on_too_large(run, verdict);
    default:
      ask_later(run, run->backoff->next(verdict.least_wait()));
  }
}

void run_poller_state::ask_later(const polled_ptr& run, duration wait) {
  auto now = self_->clock().now();
  run->schedule->on_failure(now, wait);
  // Without a reply it is unknown whether the run is queued or active.
  if (now - run->submitted_at > config_.max_pending + config_.max_age)
    give_up(run, "without a readable status for longer than the sum of "
                 "runs.max_pending and runs.max_age");
}

void run_poller_state::on_unreadable(const polled_ptr& run,
                                     const read_verdict& verdict) {
  if (auto wait =
        run->tries.next(config_.times.unreadable_step, unreadable_.readable()))
    return ask_later(run, *wait);
  auto was_at_fault = unreadable_.api_at_fault();
  if (unreadable_.may_set_aside(run->run.batch, run->tries))
    return set_aside(run, "its status cannot be read: " + verdict.message);
  if (!was_at_fault) {
    log_event(
      log_level::error, "statuses_unreadable",
      "the statuses of several runs in a row cannot be read, so the API or a "
      "proxy is at fault: submitting pauses until statuses can be read again",
      {{"run", run->run.run.id}, {"reason", verdict.message}});
    self_->send(links_.submitter, replies_readable{request_kind::poll, false});
  }
  ask_later(run, run->backoff->next());
}

void run_poller_state::on_too_large(const polled_ptr& run,
                                    const read_verdict& verdict) {
  auto was_at_fault = unreadable_.api_at_fault();
  if (unreadable_.may_set_aside(run->run.batch))
    return set_aside(run, "its status cannot be read: " + verdict.message);
  ask_later(run, run->backoff->next());
  if (!was_at_fault)
    fail(all_too_large(verdict.message));
}

void run_poller_state::on_readable(polled& run) {
  run.tries.reset();
  end_fault();
}

void run_poller_state::end_fault() {
  auto was_at_fault = unreadable_.api_at_fault();
  auto doubtful = unreadable_.on_readable();
  if (!was_at_fault)
    return;
  log_event(log_level::info, "statuses_readable",
            "statuses can be read again: the job continues");
  for (auto& open : runs_)
    open.run->tries.reset();
  self_->send(links_.submitter, replies_readable{request_kind::poll, true});
  read_again(std::move(doubtful));
}

void run_poller_state::set_aside(const polled_ptr& run,
                                 const std::string& reason) {
  remove(run);
  show_set_aside(*run, reason);
  record(run_set_aside{run->run.batch, reason},
         [=, this] { leave(run, false); });
}

template <class Change, class Then>
void run_poller_state::record(Change change, Then then) {
  drain_.add();
  self_->request(config_.ledger, caf::infinite, std::move(change))
    .then(
      [=, this](atoms::ok_atom) {
        drain_.remove();
        then();
      },
      [this](const caf::error& reason) { request_failed(reason); });
}

/// The ledger was told earlier to set these runs aside.
void run_poller_state::read_again(std::vector<batch_key> runs) {
  if (runs.empty())
    return;
  drain_.add();
  self_->request(config_.ledger, caf::infinite, runs_to_read{std::move(runs)})
    .then(
      [this](const batch_decisions& decisions) {
        drain_.remove();
        if (!drain_.begun())
          self_->send(links_.submitter, decisions);
        drain_.answer_if_idle();
      },
      [this](const caf::error& reason) { request_failed(reason); });
}

/// A reply that the API did not write may come from a proxy or a wrong address,
/// so the run gets as much time as one that cannot be polled.
void run_poller_state::show_gone(const polled& run,
                                 const read_verdict& verdict) {
  auto now = self_->clock().now();
  auto until =
    run.denied.lost_at(now, config_.times.lost_after)
      .value_or(run.submitted_at + config_.max_pending + config_.max_age);
  if (tells_gone(verdict))
    note_gone(*config_.counters, run.run.batch, verdict, now, until);
  else if (verdict.outcome == read_outcome::ok)
    note_back(*config_.counters, run.run.batch);
  else
    config_.counters->gone.put_off(run.run.batch, until);
}

void run_poller_state::on_gone(const polled_ptr& run,
                               const read_verdict& verdict) {
  on_readable(*run); // a denial is a readable reply
  auto now = self_->clock().now();
  if (run->denied.is_lost(now, config_.times.lost_after)) {
    auto why = "the API no longer knows it: " + verdict.message;
    log_event(log_level::error, "run_lost",
              why + "; fetching the captures it has",
              {{"run", run->run.run.id}, {"urls", run->run.url_count}});
    return end(run, {run_outcome::lost, std::move(why), std::nullopt});
  }
  run->schedule->on_failure(now, run->backoff->next());
}

void run_poller_state::on_status(const polled_ptr& run,
                                 const run_status& status) {
  for (auto& [key, value] : status.saved)
    run->run.run.saved[key] = value;
  if (!status.known && !std::exchange(run->warned, true))
    show_unknown(*run, status);
  switch (status.phase) {
    case run_phase::done:
      return end(run, {run_outcome::completed, status.state, status.extracted});
    case run_phase::failed:
      return end(run, {run_outcome::failed, status.state, status.extracted});
    case run_phase::stopped:
      return end(run, {run_outcome::stopped, status.state, status.extracted});
    default:
      show_status(*run, status);
      run->schedule->on_status(self_->clock().now(), status);
      check_age(run, status);
  }
}

void run_poller_state::check_age(const polled_ptr& run,
                                 const run_status& status) {
  auto now = self_->clock().now();
  if (status.phase == run_phase::queued) {
    if (now - run->submitted_at > config_.max_pending)
      give_up(run, "still queued after runs.max_pending");
    return;
  }
  if (!run->active_since)
    run->active_since = now;
  if (run_age(now - *run->active_since, status.running_for, since_submit(*run))
      > config_.max_age)
    give_up(run, "still running after runs.max_age");
}

duration run_poller_state::since_submit(const polled& run) const {
  if (!run.run.submitted_elsewhere)
    return self_->clock().now() - run.submitted_at;
  return std::chrono::milliseconds{
    std::max<int64_t>(0, config_.wall_ms() - run.run.submitted_at_ms)};
}

void run_poller_state::remove(const polled_ptr& run) {
  runs_.erase(find(run->run.batch));
  config_.counters->gone.remove(run->run.batch);
  auto had_slot = !run->schedule->is_queued();
  auto when = run->schedule->on_ended(self_->clock().now());
  open_run* next = nullptr;
  for (auto& open : runs_) {
    open.run->schedule->on_history();
    update(open);
    if (open.is_queued
        && (!next || open.run->submitted_at < next->run->submitted_at))
      next = &open;
  }
  if (had_slot && next) {
    next->run->schedule->on_slot_free(when);
    update(*next);
  }
  if (runs_.empty() && unreadable_.api_at_fault())
    end_fault();
}

void run_poller_state::end(const polled_ptr& run, const run_result& how) {
  // Removed first, so that it is not polled again while the ledger writes.
  remove(run);
  show_ended(*run, how);
  record(record_end{run->run.batch, how, run->run.run.saved}, [=, this] {
    self_->send(links_.pager, terminal_run{run->run.batch, run->run.run, how,
                                           run->run.url_count});
    leave(run, true);
  });
}

void run_poller_state::give_up(const polled_ptr& run,
                               const std::string& reason) {
  remove(run);
  show_given_up(*run, reason);
  record(run_given_up{run->run.batch,
                      "run " + printable(run->run.run.id) + " is " + reason},
         [=, this] { leave(run, false); });
}

void run_poller_state::leave(const polled_ptr& run, bool to_pager) {
  self_->send(links_.submitter, slot_freed{run->run.batch, to_pager});
  drain_.answer_if_idle();
  poll_due();
}

void run_poller_state::fail(const caf::error& reason) {
  self_->send(config_.supervisor, atoms::failed_atom::value, reason);
}

void run_poller_state::request_failed(const caf::error& reason) {
  drain_.remove();
  fail(reason);
  drain_.answer_if_idle();
}

// -- what the user sees -------------------------------------------------------

void run_poller_state::show_ended(const polled& run, const run_result& how) {
  log_event(log_level::debug, "run_ended", "the API reports a final status",
            {{"run", run.run.run.id}, {"status", how.state}});
  config_.counters->runs.on_ended(run.run.batch, config_.wall_ms(),
                                  how.extracted);
}

void run_poller_state::show_given_up(const polled& run,
                                     const std::string& reason) {
  log_event(
    log_level::warn, "batch_held",
    "the run is given up and its batch held, because it may still be billed",
    {{"run", run.run.run.id}, {"reason", reason}});
  config_.counters->runs.close(run.run.batch, run_stage::held);
  ++config_.counters->held_batches;
}

void run_poller_state::show_set_aside(const polled& run,
                                      const std::string& reason) {
  log_event(log_level::error, "run_set_aside",
            "the run's status cannot be read; `" + job_command("resolve")
              + "` shows what can be done",
            {{"run", printable(run.run.run.id)},
             {"batch", run.run.batch},
             {"reason", reason}});
  config_.counters->runs.close(run.run.batch, run_stage::set_aside);
}

void run_poller_state::show_unknown(const polled& run,
                                    const run_status& status) {
  log_event(
    log_level::warn, "unknown_status",
    "the API reports a status that the profile does not list; it "
    "counts as running",
    {{"run", printable(run.run.run.id)}, {"status", printable(status.state)}});
}

void run_poller_state::show_status(const polled& run,
                                   const run_status& status) {
  config_.counters->runs.on_status(
    run.run.batch, status.phase == run_phase::queued, status.started_at_ms,
    status.extracted, status.queue);
}

void run_poller_state::show_wait() {
  auto is_failing = [](auto& open) { return open.run->failing; };
  auto all_fail =
    !runs_.empty() && std::all_of(runs_.begin(), runs_.end(), is_failing);
  config_.counters->time.note(self_->clock().now(),
                              all_fail ? poll_wait::backoff : poll_wait::none);
}

run_poller_actor::behavior_type
run_poller_state::make_behavior(run_poller_config config) {
  config_ = std::move(config);
  return {
    [this](const run_poller_links& links) { links_ = links; },
    [this](const active_run& run) { add(run); },
    [this](atoms::drain_atom) {
      auto promise = drain_.begin(self_);
      // The next start does not know which runs were set aside because the API
      // was at fault.
      end_fault();
      drain_.answer_if_idle();
      return promise;
    },
    [this](atoms::wake_atom, uint64_t id) {
      if (id == wake_id_)
        poll_due();
    },
  };
}

run_poller_actor::behavior_type
run_poller(run_poller_state::pointer self, run_poller_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
