#include "actors/capture_pager.hpp"

#include "actors/gone_notice.hpp"
#include "core/base/log.hpp"

namespace sluice {

namespace {

/// The server is well, but what it says is of no use; asked again it may say
/// the same for ever.
bool is_answer(const read_verdict& verdict) {
  return verdict.status >= 200 && verdict.status < 500;
}

} // namespace

// -- reading runs -------------------------------------------------------------

void capture_pager_state::start(const ended_run& run) {
  auto entry = std::make_shared<reading>();
  entry->run = run;
  entry->backoff.emplace(config_.times.backoff_base, config_.times.backoff_cap,
                         config_.seed + static_cast<uint64_t>(run.batch));
  runs_.emplace(run.batch, entry);
  show_start(run);
  self_
    ->request(config_.ledger, caf::infinite, atoms::start_atom::value,
              run.batch)
    .then(
      [=, this](paging_start& begin) {
        entry->listing.emplace(std::move(begin), entry->run.end.extracted,
                               config_.budget);
        entry->covered_shown = entry->listing->covered();
        if (entry->run.end.outcome == run_outcome::lost)
          finish(entry, entry->run.end.state);
        else
          ready(entry);
      },
      [this](const caf::error& reason) { fail(reason); });
}

void capture_pager_state::show_start(const ended_run& run) {
  auto& board = config_.counters->runs;
  if (board.has(run.batch))
    return;
  // One that had ended before this process began.
  run_bar bar;
  bar.batch = run.batch;
  bar.id = printable(run.run.id, 80);
  bar.stage = run_stage::reading;
  bar.urls = run.url_count;
  board.put(std::move(bar));
}

void capture_pager_state::ready(const reading_ptr& run) {
  if (run->recounting)
    return recount(run);
  (wants_download(*run) ? to_open_ : ready_).push_back(run);
  fetch_more();
}

void capture_pager_state::fetch_more() {
  if (!breaker_.allows(self_->clock().now()))
    page_instead();
  while (!ready_.empty() && opened_ && !draining_ && !broken_
         && window_->has_room()) {
    auto run = std::move(ready_.front());
    ready_.pop_front();
    if (run->reader)
      fetch_part(run);
    else
      fetch(run);
  }
  open_more();
  config_.counters->window_bytes = window_->held();
  show_wait();
}

void capture_pager_state::fetch(const reading_ptr& run) {
  auto reserved = window_->reserve();
  auto abandon = [=, this](const caf::error& reason) {
    window_->cancel(reserved);
    fail(reason);
  };
  ++asking_;
  self_
    ->request(config_.limiter, caf::infinite, atoms::permit_atom::value,
              request_kind::page)
    .then(
      [=, this](const permit& granted) {
        --asking_;
        if (draining_) {
          self_->send(config_.limiter, atoms::release_atom::value, granted);
          return window_->cancel(reserved);
        }
        ++fetching_;
        page_order order{run->run.run, run->listing->cursor()};
        self_->request(config_.pool, caf::infinite, granted, order)
          .then(
            [=, this](page_reply& reply) { on_reply(run, reserved, reply); },
            [=, this](const caf::error& reason) {
              --fetching_;
              abandon(reason);
              check_drained();
            });
      },
      [=, this](const caf::error& reason) {
        --asking_;
        abandon(reason);
      });
}

void capture_pager_state::on_reply(const reading_ptr& run, size_t reserved,
                                   page_reply& reply) {
  --fetching_;
  if (reply.verdict.outcome == read_outcome::ok) {
    on_page(run, reserved, reply);
  } else if (reply.verdict.outcome == read_outcome::unreadable) {
    on_unreadable(run, reserved, reply);
  } else {
    window_->cancel(reserved);
    on_failure(run, reply.verdict);
  }
  fetch_more();
  check_drained();
}

void capture_pager_state::on_failure(const reading_ptr& run,
                                     const read_verdict& verdict) {
  if (verdict.outcome != read_outcome::unreadable)
    run->tries.reset();
  if (!verdict.elsewhere)
    note_own(*run, verdict);
  switch (verdict.outcome) {
    case read_outcome::rate_limited:
      return ready(run);
    case read_outcome::gone:
      return wants_download(*run) && config_.can_page
               ? try_again(run, run->attempts.on_absent(run->run.end.outcome))
               : on_gone(run, verdict);
    case read_outcome::stop_job:
      return fail(make_error(ec::api_refused, verdict.message));
    case read_outcome::unreadable: // where its download is
      return download_failed(run, verdict);
    default:
      if (wants_download(*run) && config_.can_page && is_answer(verdict))
        return download_failed(run, verdict);
      on_passing(run, verdict);
  }
}

void capture_pager_state::note_own(reading& run, const read_verdict& verdict) {
  run.link.reset();
  if (verdict.status == 0)
    api_lost_at_ = self_->clock().now();
}

bool capture_pager_state::is_astray(reading& run) const {
  return run.link.failed(self_->clock().now(), api_lost_at_,
                         config_.times.astray_after);
}

void capture_pager_state::on_passing(const reading_ptr& run,
                                     const read_verdict& verdict) {
  if (verdict.elsewhere && is_astray(*run)) {
    if (!list_anew(run))
      set_aside(run, verdict.message);
    return;
  }
  pause(run, run->backoff->next(verdict.retry_after.value_or(timing::ms{0})));
}

void capture_pager_state::on_gone(const reading_ptr& run,
                                  const read_verdict& verdict) {
  on_readable(*run); // it is the API's own word
  if (!run->listing->cursor().empty()) {
    log_event(log_level::warn, "cursor_expired", verdict.message,
              {{"run", run->run.run.id}});
    return follow(run, run->listing->on_expired_cursor());
  }
  if (is_gone(*run, verdict))
    return finish(run, "its captures cannot be listed: " + verdict.message);
  pause(run, run->backoff->next());
}

bool capture_pager_state::is_gone(reading& run, const read_verdict& verdict) {
  auto now = self_->clock().now();
  if (!run.gone_since)
    run.gone_since = now;
  auto until = *run.gone_since + config_.times.lost_after;
  note_gone(*config_.counters, run.run.batch, verdict, now, until);
  return now >= until;
}

void capture_pager_state::on_known(reading& run) {
  run.gone_since.reset();
  note_back(*config_.counters, run.run.batch);
}

void capture_pager_state::on_page(const reading_ptr& run, size_t reserved,
                                  page_reply& reply) {
  on_known(*run);
  run->backoff->reset();
  std::vector<capture_span> fresh;
  auto step = run->listing->on_page(reply, fresh);
  run->link.reset();
  if (step != listing_step::set_aside)
    on_readable(*run);
  take(run, reserved, reply, step, std::move(fresh));
}

void capture_pager_state::take(const reading_ptr& run, size_t reserved,
                               page_reply& reply, listing_step step,
                               std::vector<capture_span> fresh) {
  pass_on(run, reserved, reply, std::move(fresh));
  follow(run, step);
}

void capture_pager_state::pass_on(const reading_ptr& run, size_t reserved,
                                  page_reply& reply,
                                  std::vector<capture_span> fresh) {
  config_.counters->runs.on_captures(run->run.batch,
                                     run->listing->state().captures);
  window_->arrived(reserved, reply.body->size());
  warn_of_shared_id(run, *reply.body);
  if (fresh.empty())
    window_->release(reply.body->size());
  else
    deliver(run, reply, std::move(fresh));
  // Only now: a cut that holds the run's new state must hold its page, too.
  touch(run);
}

void capture_pager_state::warn_of_shared_id(const reading_ptr& run,
                                            const std::string& body) {
  auto id = run->listing->take_shared_id();
  if (!id)
    return;
  log_event(log_level::warn, "shared_id",
            "captures with different URLs share an id; each is delivered, and "
            "further ones of this run are not logged. If the profile's "
            "results.item_id names a member that is not an id, correct it",
            {{"run", run->run.run.id},
             {"id", body.substr(id->begin, id->end - id->begin)}});
}

void capture_pager_state::follow(const reading_ptr& run, listing_step step) {
  switch (step) {
    case listing_step::more:
      return ready(run);
    case listing_step::again:
      touch(run);
      return pause(run, config_.times.relist_pause);
    case listing_step::recount:
      run->recounting = true;
      return recount(run);
    case listing_step::done:
      return finish(run);
    case listing_step::set_aside:
      return give_up(run, run->listing->why());
    case listing_step::broken:
      return finish(run, run->listing->why());
  }
}

void capture_pager_state::pause(const reading_ptr& run, duration wait) {
  ++pausing_;
  self_->delayed_send(self_, wait, atoms::wake_atom::value,
                      static_cast<int64_t>(run->run.batch));
}

void capture_pager_state::finish(const reading_ptr& run,
                                 std::optional<std::string> lost) {
  if (run->reader)
    put_back(std::exchange(run->reader, {}));
  config_.counters->gone.remove(run->run.batch);
  config_.counters->link_failure.set({}); // other runs will tell it again
  run->done = run->run.end;
  // If the run was already lost, keep its first reason.
  if (lost && run->done->outcome != run_outcome::lost) {
    run->done->outcome = run_outcome::lost;
    run->done->state = *lost;
    log_event(log_level::error, "run_lost", *lost, {{"run", run->run.run.id}});
  }
  cuts_->on_finished();
  touch(run);
}

// -- delivering ---------------------------------------------------------------

void capture_pager_state::deliver(const reading_ptr& run, page_reply& reply,
                                  std::vector<capture_span> fresh) {
  auto page = std::make_shared<capture_page>();
  page->delivery = ++last_delivery_;
  page->batch = run->run.batch;
  page->run_id = run->run.run.id;
  page->number = run->listing->state().next_page - 1;
  page->body = std::move(reply.body);
  page->captures = std::move(fresh);
  auto bytes = page->body->size();
  config_.counters->captures += page->captures.size();
  config_.counters->capture_bytes += bytes;
  cuts_->on_delivered(bytes);
  auto number = page->delivery;
  outstanding_.emplace(number, delivery{bytes, config_.sinks.size()});
  page_ptr shared = std::move(page);
  for (auto& sink : config_.sinks)
    self_->request(sink, caf::infinite, shared)
      .then([=, this](atoms::ok_atom) { on_ack(number); },
            [this](const caf::error& reason) { sink_failed(reason); });
}

void capture_pager_state::on_ack(uint64_t number) {
  auto entry = outstanding_.find(number);
  if (entry == outstanding_.end() || --entry->second.missing_acks > 0)
    return;
  window_->release(entry->second.bytes);
  outstanding_.erase(entry);
  fetch_more();
}

page_wait capture_pager_state::waits_for() const {
  if (!ready_.empty() && !window_->has_room()
      && window_->held() * 2 >= window_->used())
    return page_wait::window;
  if (asking_ > 0 || fetching_ > 0)
    return page_wait::fetching;
  if (!outstanding_.empty() || positions_missing_ > 0)
    return page_wait::sinks;
  return pausing_ > 0 ? page_wait::backoff : page_wait::none;
}

void capture_pager_state::show_wait() {
  config_.counters->time.note(self_->clock().now(), waits_for());
}

// -- ends ---------------------------------------------------------------------

void capture_pager_state::sink_failed(const caf::error& reason) {
  if (!broken_ && !draining_)
    fail(reason);
  broken_ = true;
  check_drained();
}

void capture_pager_state::fail(const caf::error& reason) {
  self_->send(config_.supervisor, atoms::failed_atom::value, reason);
}

void capture_pager_state::check_drained() {
  if (!draining_ || !drained_.pending() || fetching_ > 0)
    return;
  if (broken_) {
    // What could not be committed is fetched again at the next start; the
    // time that it took is kept.
    commit_spent();
  } else if (cuts_->under_way()) {
    return;
  } else if (last_cut_ && !cuts_->has_changes()) {
    drained_.deliver(atoms::ok_atom::value);
  } else {
    cut();
  }
}

capture_pager_actor::behavior_type
capture_pager_state::make_behavior(capture_pager_config config) {
  config_ = std::move(config);
  window_.emplace(config_.window);
  cuts_.emplace(config_.times.checkpoint_every, config_.cut_bytes,
                config_.times.longest_rest);
  idle_readers_ = config_.readers;
  last_delivery_ = config_.last_delivery;
  delivery_committed_ = config_.last_delivery;
  config_.counters->time.begin(self_->clock().now());
  // What the sinks found when they were opened is committed before any page.
  cut();
  return {
    [this](const ended_run& run) { start(run); },
    [this](atoms::drain_atom) {
      draining_ = true;
      drained_ = self_->make_response_promise<atoms::ok_atom>();
      auto promise = drained_;
      // The next start does not know what was set aside for the API's fault.
      end_fault();
      check_drained();
      return promise;
    },
    [this](atoms::cut_atom) {
      // One that was set before an earlier one became due is of no use.
      if (self_->clock().now() < cut_timer_)
        return;
      cut_timer_ = time_point::max();
      cut_if_due();
    },
    [this](atoms::account_atom) { commit_spent(); },
    [this](atoms::wake_atom, int64_t batch) {
      --pausing_;
      if (auto run = runs_.find(batch); run != runs_.end())
        ready(run->second);
    },
  };
}

capture_pager_actor::behavior_type
capture_pager(capture_pager_state::pointer self, capture_pager_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
