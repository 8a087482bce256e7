#include "actors/capture_pager.hpp"

#include "actors/gone_notice.hpp"
#include "actors/permits.hpp"
#include "core/base/log.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

using phase = reading_run::phase;

namespace {

/// The server works, but its reply is unusable, and it may repeat that reply
/// forever.
bool is_answer(const read_verdict& verdict) {
  return verdict.status >= 200 && verdict.status < 500;
}

} // namespace

// -- reading runs -------------------------------------------------------------

void capture_pager_state::ready(const reading_ptr& run) {
  enqueue(run);
  fetch_more();
}

void capture_pager_state::enqueue(const reading_ptr& run) {
  if (run->now == phase::recounting)
    recount(run);
  else if (downloads_->wants(*run))
    downloads_->enqueue(run);
  else
    ready_.emplace(order_.place_of(run->run.batch), run);
}

bool capture_pager_state::may_fetch() const {
  return checkpoints_->is_open() && !drain_.begun();
}

reading_ptr capture_pager_state::take_ready() {
  if (!may_fetch() || !window_->has_room())
    return nullptr;
  // The parts of a file need no permit.
  auto next = std::find_if(ready_.begin(), ready_.end(), [this](auto& entry) {
    return asking_ < most_asking
           || entry.second->download.now == run_download::phase::open;
  });
  return next == ready_.end() ? nullptr : ready_.extract(next).mapped();
}

void capture_pager_state::fetch_more() {
  begin_turns();
  for (auto& run : downloads_->take_paged())
    enqueue(run);
  while (auto run = take_ready()) {
    if (run->download.now == run_download::phase::open)
      downloads_->fetch_part(run);
    else
      fetch(run);
  }
  downloads_->open_more();
  show_window();
  show_wait();
}

void capture_pager_state::go_on() {
  fetch_more();
  checkpoints_->check_drained();
}

void capture_pager_state::fetch(const reading_ptr& run) {
  auto reserved = window_->reserve();
  ++asking_;
  with_permit(self_, config_.limiter, request_kind::page,
              permit_use{.wanted = [this] { return !drain_.begun(); },
                         .send =
                           [=, this](const permit& granted) {
                             --asking_;
                             ask_page(run, reserved, granted);
                             fetch_more();
                           },
                         .unwanted =
                           [=, this] {
                             --asking_;
                             window_->cancel(reserved);
                           },
                         .fail =
                           [=, this](const caf::error& reason) {
                             --asking_;
                             window_->cancel(reserved);
                             fail(reason);
                           }});
}

void capture_pager_state::ask_page(const reading_ptr& run, size_t reserved,
                                   const permit& granted) {
  drain_.add();
  page_order order{run->run.run, run->listing->cursor()};
  self_->request(config_.pool, caf::infinite, granted, order)
    .then([=, this](page_reply& reply) { on_reply(run, reserved, reply); },
          [=, this](const caf::error& reason) {
            window_->cancel(reserved);
            request_failed(reason);
          });
}

void capture_pager_state::request_failed(const caf::error& reason) {
  drain_.remove();
  fail(reason);
  checkpoints_->check_drained();
}

void capture_pager_state::on_reply(const reading_ptr& run, size_t reserved,
                                   page_reply& reply) {
  drain_.remove();
  if (reply.verdict.outcome == read_outcome::ok) {
    on_page(run, reserved, reply);
  } else if (reply.verdict.outcome == read_outcome::unreadable) {
    on_unreadable(run, reserved, reply);
  } else {
    window_->cancel(reserved);
    on_failure(run, reply.verdict);
  }
  go_on();
}

void capture_pager_state::on_link(const reading_ptr& run,
                                  const read_verdict& verdict) {
  if (verdict.outcome == read_outcome::ok)
    on_known(*run);
  else
    on_failure(run, verdict);
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
      return may_page_instead(*run) ? downloads_->on_absent(run)
                                    : on_gone(run, verdict);
    case read_outcome::too_large:
      return on_too_large(run, verdict);
    case read_outcome::stop_job:
      return fail(make_error(ec::api_refused, verdict.message));
    case read_outcome::unreadable: // where its download is
      return downloads_->on_failure(run, verdict);
    default:
      if (may_page_instead(*run) && is_answer(verdict))
        return downloads_->on_failure(run, verdict);
      on_passing(run, verdict);
  }
}

bool capture_pager_state::may_page_instead(const reading_run& run) const {
  return config_.can_page && downloads_->wants(run);
}

void capture_pager_state::note_own(reading_run& run,
                                   const read_verdict& verdict) {
  run.link.reset();
  if (verdict.status == 0)
    api_lost_at_ = self_->clock().now();
}

bool capture_pager_state::is_astray(reading_run& run) const {
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
  on_readable(*run); // the API itself says so
  if (!run->listing->cursor().empty()) {
    show_expired(*run, verdict);
    return follow(run, run->listing->on_expired_cursor());
  }
  if (is_gone(*run, verdict))
    return finish(run, "its captures cannot be listed: " + verdict.message);
  pause(run, run->backoff->next());
}

bool capture_pager_state::is_gone(reading_run& run,
                                  const read_verdict& verdict) {
  auto now = self_->clock().now();
  if (!run.gone_since)
    run.gone_since = now;
  auto until = *run.gone_since + config_.times.lost_after;
  note_gone(*config_.counters, run.run.batch, verdict, now, until);
  return now >= until;
}

void capture_pager_state::on_known(reading_run& run) {
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
  show_captures(*run);
  order_.progressed(run->run.batch);
  window_->arrived(reserved, reply.body->size());
  if (auto id = run->listing->take_shared_id())
    show_shared_id(*run, *reply.body, *id);
  if (fresh.empty())
    window_->release(reply.body->size());
  else
    deliver(run, reply, std::move(fresh));
  // Not earlier: a cut that has the run's new state must have its page, too.
  touch(run);
}

void capture_pager_state::follow(const reading_ptr& run, listing_step step) {
  switch (step) {
    case listing_step::more:
      return ready(run);
    case listing_step::again:
      touch(run);
      return pause(run, config_.times.relist_pause);
    case listing_step::recount:
      run->now = phase::recounting;
      return recount(run);
    case listing_step::done:
      return finish(run);
    case listing_step::set_aside:
      return give_up(run, run->listing->why());
    case listing_step::broken:
      return finish(run, run->listing->why());
  }
}

void capture_pager_state::finish(const reading_ptr& run,
                                 std::optional<std::string> lost) {
  // If the run was already lost, keep its first reason.
  if (lost && run->run.end.outcome != run_outcome::lost) {
    run->run.end.outcome = run_outcome::lost;
    run->run.end.state = *lost;
    show_lost(*run);
  }
  end(run, phase::done);
}

void capture_pager_state::end(const reading_ptr& run, phase how) {
  downloads_->close(*run);
  show_end(*run);
  run->now = how;
  run->last = progress_of(*run);
  run->listing.reset();
  order_.end(run->run.batch);
  checkpoints_->on_finished();
  touch(run);
  fetch_more();
}

void capture_pager_state::touch(const reading_ptr& run) {
  run->dirty = true;
  checkpoints_->on_change();
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
  show_delivery(*page);
  checkpoints_->on_delivered(bytes);
  auto number = page->delivery;
  outstanding_.emplace(number, delivery{bytes, config_.sinks.size()});
  page_ptr shared = std::move(page);
  for (auto& sink : config_.sinks)
    self_->request(sink, caf::infinite, shared)
      .then([=, this](atoms::ok_atom) { on_ack(number); },
            [this](const caf::error& reason) {
              checkpoints_->on_sink_failure(reason);
            });
}

void capture_pager_state::on_ack(uint64_t number) {
  auto entry = outstanding_.find(number);
  if (entry == outstanding_.end() || --entry->second.missing_acks > 0)
    return;
  window_->release(entry->second.bytes);
  outstanding_.erase(entry);
  fetch_more();
}

// -- checkpoints --------------------------------------------------------------

void capture_pager_state::add_changes(checkpoint& point) {
  point.delivery = last_delivery_;
  for (auto& [batch, run] : runs_)
    if (std::exchange(run->dirty, false)) {
      run->committing = true;
      point.runs.push_back(run->last ? std::move(*run->last)
                                     : progress_of(*run));
    }
}

run_progress capture_pager_state::progress_of(reading_run& run) {
  run_progress part{run.run.batch, run.listing->state(),
                    run.listing->take_new_identities(), std::nullopt};
  run.covered = run.listing->covered();
  if (run.now == phase::done)
    part.done = run.run.end;
  else if (run.now == phase::set_aside)
    part.set_aside = run.why;
  return part;
}

void capture_pager_state::on_committed(const checkpoint& point) {
  std::vector<batch_key> left;
  for (auto& part : point.runs) {
    auto& run = *runs_.at(part.batch);
    run.committing = false;
    show_committed(part, run);
    if (!part.done && !part.set_aside) {
      unload(run);
      continue;
    }
    runs_.erase(part.batch);
    left.push_back(part.batch);
  }
  if (runs_.empty() && unreadable_.api_at_fault())
    end_fault();
  // The submitter learns of new work before it hears that the old is done.
  read_again([=, this] {
    for (auto batch : left)
      self_->send(config_.submitter, run_committed{batch});
  });
  checkpoints_->begin_if_due();
  go_on();
}

void capture_pager_state::fail(const caf::error& reason) {
  self_->send(config_.supervisor, atoms::failed_atom::value, reason);
}

// -- what the user sees -------------------------------------------------------

void capture_pager_state::show_start(const terminal_run& run) {
  auto& board = config_.counters->runs;
  if (board.has(run.batch))
    return;
  // A run that had ended before this process began.
  run_bar bar;
  bar.batch = run.batch;
  bar.id = printable(run.run.id, 80);
  bar.stage = run_stage::reading;
  bar.urls = run.url_count;
  board.put(std::move(bar));
}

void capture_pager_state::show_expired(const reading_run& run,
                                       const read_verdict& verdict) {
  log_event(log_level::warn, "cursor_expired", verdict.message,
            {{"run", run.run.run.id}});
}

void capture_pager_state::show_captures(const reading_run& run) {
  config_.counters->runs.on_captures(run.run.batch,
                                     run.listing->state().captures);
}

void capture_pager_state::show_shared_id(const reading_run& run,
                                         const std::string& body,
                                         const capture_span& id) {
  log_event(log_level::warn, "shared_id",
            "captures with different URLs share an id; all are delivered, and "
            "further cases in this run are not logged. If the profile's "
            "results.item_id names a member that is not an id, correct it",
            {{"run", printable(run.run.run.id)},
             {"id", printable(std::string_view{body}.substr(id.begin,
                                                            id.end - id.begin),
                              80)}});
}

void capture_pager_state::show_delivery(const capture_page& page) {
  config_.counters->captures += page.captures.size();
  config_.counters->capture_bytes += page.body->size();
}

void capture_pager_state::show_lost(const reading_run& run) {
  log_event(log_level::error, "run_lost", run.run.end.state,
            {{"run", run.run.run.id}});
}

void capture_pager_state::show_end(const reading_run& run) {
  config_.counters->gone.remove(run.run.batch);
  config_.counters->link_failure.set({}); // other runs will report it again
}

void capture_pager_state::show_committed(const run_progress& run,
                                         reading_run& state) {
  config_.counters->urls_covered += state.covered - state.covered_shown;
  state.covered_shown = state.covered;
  if (run.set_aside)
    config_.counters->runs.close(run.batch, run_stage::set_aside);
  if (run.done) {
    ++config_.counters->runs_done;
    config_.counters->runs.close(run.batch, run_stage::done);
    config_.counters->urls_settled += state.run.url_count;
    log_event(log_level::debug, "run_committed",
              "every capture of the run is in every sink",
              {{"run", state.run.run.id}});
  }
}

void capture_pager_state::show_window() {
  config_.counters->window_bytes = window_->held();
}

page_wait capture_pager_state::waits_for() const {
  if (!ready_.empty() && !window_->has_room()
      && window_->held() * 2 >= window_->used())
    return page_wait::window;
  if (asking_ > 0 || !drain_.is_idle())
    return page_wait::fetching;
  if (!outstanding_.empty() || checkpoints_->awaits_sinks())
    return page_wait::sinks;
  return pausing_ > 0 ? page_wait::backoff : page_wait::none;
}

void capture_pager_state::show_wait() {
  config_.counters->time.note(self_->clock().now(), waits_for());
}

// -- the messages -------------------------------------------------------------

void capture_pager_state::make_parts() {
  auto& times = config_.times;
  checkpoint_schedule schedule{times.checkpoint_every, config_.checkpoint_bytes,
                               times.longest_rest};
  checkpoint_owner& commits = *this;
  download_owner& downloads = *this;
  window_.emplace(config_.window);
  checkpoints_.emplace(self_, commits, drain_,
                       checkpoint_coordinator_config{
                         config_.sinks, config_.ledger, config_.counters,
                         schedule, config_.last_delivery});
  downloads_.emplace(self_, downloads, *window_, drain_,
                     download_fetcher_config{config_.limiter, config_.pool,
                                             config_.readers, config_.can_page,
                                             config_.counters});
}

capture_pager_actor::behavior_type
capture_pager_state::make_behavior(capture_pager_config config) {
  config_ = std::move(config);
  make_parts();
  last_delivery_ = config_.last_delivery;
  config_.counters->time.begin(self_->clock().now());
  // The positions that the sinks reported when opened are committed before any
  // page.
  checkpoints_->begin();
  return {
    [this](const terminal_run& run) { start(run); },
    [this](atoms::drain_atom) {
      auto promise = drain_.begin(self_);
      // The next start does not know which runs were set aside because the API
      // was at fault.
      end_fault();
      checkpoints_->check_drained();
      return promise;
    },
    [this](atoms::checkpoint_atom) { checkpoints_->on_timer(); },
    [this](atoms::account_atom) { checkpoints_->commit_spent(); },
    [this](atoms::wake_atom, int64_t batch) { resume(batch); },
  };
}

capture_pager_actor::behavior_type
capture_pager(capture_pager_state::pointer self, capture_pager_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
