#include "actors/checkpoint_coordinator.hpp"

#include "core/base/crash_point.hpp"

#include <utility>

namespace sluice {

checkpoint_coordinator::checkpoint_coordinator(
  capture_pager_actor::pointer self, checkpoint_owner& owner, drain_gate& drain,
  checkpoint_coordinator_config config)
    : self_{self},
      owner_{owner},
      drain_{drain},
      config_{std::move(config)},
      delivery_committed_{config_.last_delivery} {}

// -- when ---------------------------------------------------------------------

void checkpoint_coordinator::on_delivered(size_t bytes) noexcept {
  config_.schedule.on_delivered(bytes);
}

void checkpoint_coordinator::on_change() {
  config_.schedule.on_change(self_->clock().now());
  begin_if_due();
}

void checkpoint_coordinator::on_finished() noexcept {
  config_.schedule.on_finished();
}

void checkpoint_coordinator::begin_if_due() {
  auto due = config_.schedule.due();
  if (now_ == phase::broken || !due)
    return;
  auto now = self_->clock().now();
  if (*due <= now) {
    begin();
  } else if (*due < timer_) {
    timer_ = *due;
    self_->delayed_send(self_, *due - now, atoms::checkpoint_atom::value);
  }
}

void checkpoint_coordinator::on_timer() {
  // Ignore a timer that an earlier one has replaced.
  if (self_->clock().now() < timer_)
    return;
  timer_ = time_point::max();
  begin_if_due();
}

// -- a checkpoint -------------------------------------------------------------

void checkpoint_coordinator::begin() {
  begun_in_drain_ = drain_.begun();
  config_.schedule.begin(self_->clock().now());
  // The checkpoint covers everything up to this point. Pages delivered later
  // reach every sink after it, and later changes to runs belong to the next
  // one.
  auto point = std::make_shared<checkpoint>();
  owner_.add_changes(*point);
  positions_missing_ = static_cast<unsigned>(config_.sinks.size());
  for (auto& sink : config_.sinks)
    self_->request(sink, caf::infinite, atoms::checkpoint_atom::value)
      .then([=, this](
              sink_report& report) { on_position(point, std::move(report)); },
            [this](const caf::error& reason) { on_sink_failure(reason); });
  owner_.show_wait();
}

void checkpoint_coordinator::on_position(
  const std::shared_ptr<checkpoint>& point, sink_report report) {
  point->dead_letters += report.dead_letters;
  point->sinks.emplace_back(std::move(report.sink), std::move(report.position));
  if (--positions_missing_ > 0 || now_ == phase::broken)
    return;
  crash_point(crash_at::checkpoint_ready);
  owner_.show_wait();
  commit(point);
}

void checkpoint_coordinator::commit(const std::shared_ptr<checkpoint>& point) {
  add_spent(*point);
  ++committing_;
  self_->request(config_.ledger, caf::infinite, checkpoint_ptr{point})
    .then([=, this](atoms::ok_atom) { committed(*point); },
          [this](const caf::error& reason) {
            --committing_;
            now_ = phase::broken;
            owner_.fail(reason);
            check_drained();
          });
}

void checkpoint_coordinator::committed(const checkpoint& point) {
  --committing_;
  config_.schedule.end(self_->clock().now());
  if (now_ == phase::opening)
    now_ = phase::open;
  delivery_committed_ = point.delivery;
  config_.counters->dead_letters = point.dead_letters;
  owner_.on_committed(point);
}

// -- what was spent -----------------------------------------------------------

read_counts checkpoint_coordinator::requests_since_commit() {
  auto& seen = *config_.counters;
  read_counts now{seen.polls, seen.pages, seen.rate_limited};
  auto& old = requests_committed_;
  read_counts since{now.polls - old.polls, now.pages - old.pages,
                    now.rate_limited - old.rate_limited};
  old = now;
  return since;
}

void checkpoint_coordinator::add_spent(checkpoint& point) {
  point.requests = requests_since_commit();
  point.spent = config_.counters->time.take(self_->clock().now());
  for (auto part : point.spent)
    point.elapsed += part;
}

void checkpoint_coordinator::commit_spent() {
  // This checkpoint must have the last committed delivery.
  if (committing_ > 0)
    return;
  auto spent = std::make_shared<checkpoint>();
  spent->delivery = delivery_committed_;
  add_spent(*spent);
  ++committing_;
  self_->request(config_.ledger, caf::infinite, checkpoint_ptr{spent})
    .then([this](atoms::ok_atom) { spent_committed(); },
          [this](const caf::error& reason) {
            if (std::exchange(now_, phase::broken) != phase::broken)
              owner_.fail(reason);
            spent_committed();
          });
}

void checkpoint_coordinator::spent_committed() {
  --committing_;
  if (now_ == phase::broken)
    drain_.answer_if_idle();
}

// -- ends ---------------------------------------------------------------------

void checkpoint_coordinator::on_sink_failure(const caf::error& reason) {
  auto was_broken = std::exchange(now_, phase::broken) == phase::broken;
  if (!was_broken && !drain_.begun())
    owner_.fail(reason);
  check_drained();
}

void checkpoint_coordinator::check_drained() {
  if (!drain_.may_answer())
    return;
  if (now_ == phase::broken) {
    // What could not be committed is fetched again at the next start; the time
    // that it took is kept.
    commit_spent();
  } else if (config_.schedule.under_way()) {
    return;
  } else if (begun_in_drain_ && !config_.schedule.has_changes()) {
    drain_.answer_if_idle();
  } else {
    begin();
  }
}

} // namespace sluice
