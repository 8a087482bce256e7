#include "core/flow/poll_schedule.hpp"

#include "core/model/run.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// How likely the end must be for a poll to be worth a spare token, or any.
constexpr double spare_chance = 0.3, sure_chance = 0.9;

/// The same for a run's first reading, after which counters predict its end.
constexpr double look_chance = 0.1;

/// A prediction is trusted for this many of the longest intervals, then
/// checked; until a run of the job has ended, for only one.
constexpr int prediction_reach = 4;

/// A queued run, and any run while tokens are scarce, is polled after at most
/// this many of the longest intervals.
constexpr int longest_reach = 10;

} // namespace

poll_schedule::poll_schedule(const poll_pace& pace,
                             const std::shared_ptr<run_history>& history,
                             uint32_t urls, time_point submitted)
    : poll_schedule{pace, history, run_forecast{history, urls, submitted},
                    submitted} {}

poll_schedule::poll_schedule(const poll_pace& pace,
                             std::shared_ptr<run_history> history,
                             run_forecast forecast, time_point asked)
    : pace_{pace},
      history_{std::move(history)},
      forecast_{std::move(forecast)},
      asked_{asked},
      not_before_{asked} {
  plan();
}

poll_schedule poll_schedule::of_earlier(const poll_pace& pace,
                                        std::shared_ptr<run_history> history,
                                        uint32_t urls, time_point now) {
  run_forecast forecast{history, urls, now, false};
  auto long_ago = now - pace.max_interval * longest_reach;
  return {pace, std::move(history), std::move(forecast), long_ago};
}

void poll_schedule::on_queued(time_point now) {
  queued_ = true;
  asked_ = now;
  plan();
}

void poll_schedule::on_slot_free(time_point when) {
  if (!queued_)
    return;
  queued_ = false;
  asked_ = std::max(asked_, when);
  forecast_.start(asked_);
  plan();
}

void poll_schedule::on_status(time_point now, const run_status& status) {
  if (status.phase == run_phase::queued)
    return on_queued(now);
  if (queued_)
    on_slot_free(asked_ + (now - asked_) / 2);
  asked_ = now;
  forecast_.on_active(now, status);
  plan();
}

void poll_schedule::on_failure(time_point now, duration wait) {
  not_before_ = now + std::max(wait, pace_.min_interval);
  next_ = due_ = not_before_;
}

time_point poll_schedule::on_ended(time_point now) {
  next_ = due_ = time_point::max();
  return forecast_.on_ended(now);
}

void poll_schedule::on_history() {
  forecast_.refresh();
  plan();
  next_ = std::max(next_, not_before_);
  due_ = std::max(due_, not_before_);
}

duration poll_schedule::plain_wait() const {
  auto age = forecast_.age(asked_);
  auto plain = age >= pace_.slow_after ? pace_.max_interval : pace_.interval;
  return forecast_.is_overdue()
           ? std::clamp<duration>(age / 10, pace_.min_interval, plain)
           : plain;
}

void poll_schedule::plan() {
  auto last = asked_ + pace_.max_interval * longest_reach;
  if (queued_) {
    next_ = due_ = last;
    return;
  }
  auto looks = history_->has_counters() && !forecast_.has_counters();
  auto likely = forecast_.when(looks ? look_chance : spare_chance);
  if (!likely) {
    next_ = asked_ + plain_wait();
    due_ = std::max(next_, asked_ + pace_.max_interval * prediction_reach);
    return;
  }
  auto reach = history_->has_lengths() ? prediction_reach : 1;
  next_ = std::clamp(*likely, asked_ + pace_.min_interval,
                     asked_ + pace_.max_interval * reach);
  due_ = std::clamp(*forecast_.when(sure_chance), next_, std::max(last, next_));
}

} // namespace sluice
