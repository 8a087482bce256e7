// The part of capture_pager that makes the consistent cut: when a checkpoint
// is due, what it holds, and what follows once the ledger has it.

#include "actors/capture_pager.hpp"
#include "core/base/crash_point.hpp"
#include "core/base/log.hpp"

#include <utility>

namespace sluice {

void capture_pager_state::touch(const reading_ptr& run) {
  run->dirty = true;
  cuts_->on_change(self_->clock().now());
  cut_if_due();
}

void capture_pager_state::cut_if_due() {
  auto due = cuts_->due();
  if (broken_ || !due)
    return;
  auto now = self_->clock().now();
  if (*due <= now) {
    cut();
  } else if (*due < cut_timer_) {
    cut_timer_ = *due;
    self_->delayed_send(self_, *due - now, atoms::cut_atom::value);
  }
}

read_counts capture_pager_state::requests_since_commit() {
  auto& seen = *config_.counters;
  read_counts now{seen.polls, seen.pages, seen.rate_limited};
  auto& old = requests_committed_;
  read_counts since{now.polls - old.polls, now.pages - old.pages,
                    now.rate_limited - old.rate_limited};
  old = now;
  return since;
}

std::shared_ptr<checkpoint> capture_pager_state::snapshot() {
  auto cut = std::make_shared<checkpoint>();
  cut->delivery = last_delivery_;
  for (auto& [batch, run] : runs_) {
    if (!run->dirty)
      continue;
    run->dirty = false;
    cut->runs.push_back({batch, run->listing->state(),
                         run->listing->take_new_identities(), run->done,
                         run->set_aside});
  }
  return cut;
}

void capture_pager_state::cut() {
  last_cut_ = draining_;
  cuts_->begin(self_->clock().now());
  // The cut is as of now: pages delivered from here on come after it at every
  // sink, and later changes of the runs are not in the snapshot.
  auto state = snapshot();
  positions_missing_ = static_cast<unsigned>(config_.sinks.size());
  for (auto& sink : config_.sinks)
    self_->request(sink, caf::infinite, atoms::cut_atom::value)
      .then([=, this](
              sink_report& report) { on_position(state, std::move(report)); },
            [this](const caf::error& reason) { sink_failed(reason); });
  show_wait();
}

void capture_pager_state::on_position(const std::shared_ptr<checkpoint>& cut,
                                      sink_report report) {
  cut->dead_letters += report.dead_letters;
  cut->sinks.emplace_back(std::move(report.sink), std::move(report.position));
  if (--positions_missing_ > 0 || broken_)
    return;
  crash_point(crash_at::cut_ready);
  show_wait();
  commit(cut);
}

void capture_pager_state::add_spent(checkpoint& cut) {
  cut.requests = requests_since_commit();
  cut.spent = config_.counters->time.take(self_->clock().now());
  for (auto part : cut.spent)
    cut.elapsed += part;
}

void capture_pager_state::commit_spent() {
  // Its delivery must be the last one that is committed.
  if (committing_ > 0)
    return;
  auto spent = std::make_shared<checkpoint>();
  spent->delivery = delivery_committed_;
  add_spent(*spent);
  auto done = [this] {
    --committing_;
    if (broken_ && fetching_ == 0 && drained_.pending())
      drained_.deliver(atoms::ok_atom::value);
  };
  ++committing_;
  self_->request(config_.ledger, caf::infinite, checkpoint_ptr{spent})
    .then([=](atoms::ok_atom) { done(); },
          [=, this](const caf::error& reason) {
            if (!std::exchange(broken_, true))
              fail(reason);
            done();
          });
}

void capture_pager_state::commit(const std::shared_ptr<checkpoint>& cut) {
  add_spent(*cut);
  ++committing_;
  self_->request(config_.ledger, caf::infinite, checkpoint_ptr{cut})
    .then([=, this](atoms::ok_atom) { committed(*cut); },
          [this](const caf::error& reason) {
            --committing_;
            broken_ = true;
            fail(reason);
            check_drained();
          });
}

void capture_pager_state::show_run(const run_progress& run, reading& state) {
  auto covered = state.listing->covered();
  config_.counters->urls_covered += covered - state.covered_shown;
  state.covered_shown = covered;
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

void capture_pager_state::committed(const checkpoint& cut) {
  --committing_;
  cuts_->end(self_->clock().now());
  opened_ = true;
  delivery_committed_ = cut.delivery;
  config_.counters->dead_letters = cut.dead_letters;
  std::vector<batch_key> left;
  for (auto& run : cut.runs) {
    show_run(run, *runs_.at(run.batch));
    if (!run.done && !run.set_aside)
      continue;
    runs_.erase(run.batch);
    left.push_back(run.batch);
  }
  if (runs_.empty() && unreadable_.api_at_fault())
    end_fault();
  // The submitter learns of new work before it hears that the old is done.
  read_again([=, this] {
    for (auto batch : left)
      self_->send(config_.submitter, run_committed{batch});
  });
  cut_if_due();
  fetch_more();
  check_drained();
}

} // namespace sluice
