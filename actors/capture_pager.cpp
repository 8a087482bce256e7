#include "actors/capture_pager.hpp"

#include "actors/permits.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

using phase = reading_run::phase;

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
  ++in_flight_;
  page_order order{run->run.run, run->listing->cursor()};
  self_->request(config_.pool, caf::infinite, granted, order)
    .then([=, this](page_reply& reply) { on_reply(run, reserved, reply); },
          [=, this](const caf::error& reason) {
            --in_flight_;
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
  --in_flight_;
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
  // Not earlier: a checkpoint that has the run's new state must have its page,
  // too.
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
  // If the run was already lost, keep the first reason.
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
  page->robot = run->robot;
  page->number = run->listing->state().next_page - 1;
  page->body = std::move(reply.body);
  page->captures = std::move(fresh);
  page->delivered_at = std::chrono::system_clock::time_point{
    std::chrono::milliseconds{config_.wall_ms()}};
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
