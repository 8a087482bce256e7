#include "core/poll_schedule.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// A prediction is trusted for this many of the longest intervals, then
/// checked.
constexpr int prediction_reach = 4;

/// A queued run is asked after so many of the longest intervals even if no
/// run ahead of it ended: those ahead may belong to someone else.
constexpr int queue_reach = 10;

double seconds(duration span) {
  return std::chrono::duration<double>{span}.count();
}

bool is_terminal(run_phase phase) {
  return phase != run_phase::queued && phase != run_phase::active;
}

/// The time `work` takes at `done` per `span`, at most `most`.
duration time_for(double work, double done, duration span, duration most) {
  auto result = work / done * seconds(span);
  return result < seconds(most) ? std::chrono::duration_cast<duration>(
           std::chrono::duration<double>{result})
                                : most;
}

} // namespace

poll_schedule::poll_schedule(const poll_pace& pace, time_point submitted)
    : pace_{pace},
      inactive_until_{submitted},
      active_since_{submitted},
      next_{submitted + pace.interval} {}

void poll_schedule::on_status(time_point now, const run_status& status) {
  if (is_terminal(status.phase)) {
    next_ = time_point::max();
    return;
  }
  next_ = now + until_next(now, status);
}

void poll_schedule::on_failure(time_point now, duration wait) {
  next_ = now + std::max(wait, pace_.min_interval);
}

void poll_schedule::on_predecessor_ended(time_point now) {
  if (queued_)
    next_ = std::min(next_, now + pace_.min_interval);
}

duration poll_schedule::until_next(time_point now, const run_status& status) {
  auto was_queued = std::exchange(queued_, status.phase == run_phase::queued);
  if (queued_) {
    inactive_until_ = now;
    last_.reset();
    return pace_.max_interval * queue_reach;
  }
  if (was_queued)
    active_since_ = now;
  if (!status.extracted || !status.queue)
    return plain_wait(now);
  return predicted_wait({now, static_cast<double>(*status.extracted),
                         static_cast<double>(*status.queue)});
}

duration poll_schedule::plain_wait(time_point now) const {
  return now - active_since_ >= pace_.slow_after ? pace_.max_interval
                                                 : pace_.interval;
}

/// Linear extrapolation of the queue, at the rate since the first observation
/// or at the rate since the last one if that is higher (the run has become
/// faster, or stood still before). A run that had done nothing when last seen
/// may have begun a moment ago: that says nothing of its rate.
duration poll_schedule::predicted_wait(const progress& seen) {
  auto last = std::exchange(last_, seen);
  auto restarted = last && seen.extracted < last->extracted;
  if (!last || last->extracted == 0 || restarted) {
    first_ = seen;
    return first_wait(seen);
  }
  if (seen.extracted == last->extracted && seen.queue >= last->queue)
    return plain_wait(seen.at);
  auto most = pace_.max_interval * prediction_reach;
  return std::max(
    std::min(time_left(*first_, seen, most), time_left(*last, seen, most)),
    pace_.min_interval);
}

/// The counters are whole numbers: up to one more may have been done than they
/// show, and one less be left. Taking both for true, the prediction comes
/// early rather than late, and closes in on the end from before it.
duration poll_schedule::time_left(const progress& from, const progress& to,
                                  duration most) {
  auto taken = from.queue - to.queue; // negative when a crawl finds more
  auto done = std::max(to.extracted - from.extracted, taken) + 1;
  return time_for(std::max(to.queue - 1, 0.0), done, to.at - from.at, most);
}

/// One observation gives no rate, but a least one: everything extracted since
/// the run can have begun. One that is nearly done by it is asked sooner.
duration poll_schedule::first_wait(const progress& seen) const {
  auto wait = plain_wait(seen.at);
  if (seen.extracted > 0)
    wait =
      time_for(seen.queue, seen.extracted, seen.at - inactive_until_, wait);
  return std::max(wait, pace_.min_interval);
}

} // namespace sluice
