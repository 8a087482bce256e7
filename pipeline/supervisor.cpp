#include "pipeline/supervisor.hpp"

#include "core/base/log.hpp"

#include <deque>
#include <functional>

namespace sluice {

namespace {

using pointer = job_supervisor_actor::stateful_pointer<supervisor_state>;

/// The ordered stop: upstream first, so that no actor waits for one that is
/// gone. Each step begins when the one before has been answered.
class shutdown_list {
public:
  shutdown_list(pointer self, supervised_parts parts)
      : self_{self}, parts_{std::move(parts)} {}

  /// `done` gets the first error from closing a sink.
  void run(bool everything_done, std::function<void(const caf::error&)> done) {
    done_ = std::move(done);
    add(parts_.submitter, atoms::drain_atom::value);
    add(parts_.poller, atoms::drain_atom::value);
    // A sink that is down would wait forever; what it does not accept now is
    // fetched again at the next start.
    if (!everything_done)
      for (auto& sink : parts_.sinks)
        add(sink, atoms::drain_atom::value);
    add(parts_.pager, atoms::drain_atom::value);
    for (auto& sink : parts_.sinks)
      add(sink, atoms::close_atom::value);
    next();
  }

  /// An actor died: the answer that the current step waits for may never come.
  void skip() { done_with(step_); }

private:
  void done_with(unsigned step) {
    if (step == step_)
      next();
  }

  template <class Handle, class Verb>
  void add(const Handle& who, Verb verb) {
    steps_.push_back([=, this] {
      self_->request(who, caf::infinite, verb)
        .then([this, step = step_](atoms::ok_atom) { done_with(step); },
              [this, step = step_](const caf::error& reason) {
                log_event(log_level::warn, "unclean_stop", what_of(reason));
                if (std::is_same_v<Verb, caf::close_atom> && !not_closed_)
                  not_closed_ = reason;
                done_with(step);
              });
    });
  }

  void next() {
    ++step_;
    if (steps_.empty())
      return done_(not_closed_);
    auto step = std::move(steps_.front());
    steps_.pop_front();
    step();
  }

  pointer self_;
  supervised_parts parts_;
  std::deque<std::function<void()>> steps_;
  std::function<void(const caf::error&)> done_;
  caf::error not_closed_;
  unsigned step_ = 0; ///< the step being waited for
};

/// The supervisor's state; lives as long as its behaviour.
struct watch {
  std::shared_ptr<std::promise<caf::error>> ended;
  std::unique_ptr<shutdown_list> steps;
  supervised_parts parts;
  caf::error reason;
  std::string logged;    ///< the last reason logged
  bool known = false;    ///< `parts` has arrived
  bool stopping = false; ///< a reason to end has arrived
  bool over = false;
};

/// The first reason counts, but a failure outranks a stop that was caused by
/// the user, a rule or the API.
bool outranks(const caf::error& later, const caf::error& first) {
  constexpr auto broken = 5;
  return !first
         || (exit_code_of(later) == broken && exit_code_of(first) != broken);
}

void end(watch& now, const caf::error& not_closed) {
  if (not_closed && outranks(not_closed, now.reason))
    now.reason = not_closed;
  now.over = true;
  now.ended->set_value(now.reason);
}

void begin_stop(pointer self, const std::shared_ptr<watch>& state) {
  if (!state->known || state->steps)
    return;
  state->steps = std::make_unique<shutdown_list>(self, state->parts);
  // Not a strong reference: the steps belong to the state.
  state->steps->run(!state->reason,
                    [watched = std::weak_ptr{state}](auto& not_closed) {
                      end(*watched.lock(), not_closed);
                    });
}

/// Several parts may fail for the same reason, which is logged once.
void log_reason(watch& state, log_level level, const caf::error& reason) {
  auto text = what_of(reason);
  if (text != state.logged)
    log_event(level, "job_stops", text);
  state.logged = std::move(text);
}

log_level level_of(const caf::error& reason) {
  switch (code_of(reason)) {
    case ec::limited:
      return log_level::info;
    case ec::stopped:
      return log_level::warn;
    default:
      return log_level::error;
  }
}

void stop_for(pointer self, const std::shared_ptr<watch>& state,
              const caf::error& reason, log_level level) {
  if (reason && !state->over) {
    log_reason(*state, level, reason);
    if (outranks(reason, state->reason))
      state->reason = reason;
  }
  state->stopping = true;
  begin_stop(self, state);
}

void watch_all(pointer self, const supervised_parts& parts) {
  self->monitor(parts.submitter);
  self->monitor(parts.poller);
  self->monitor(parts.pager);
  for (auto& sink : parts.sinks)
    self->monitor(sink);
  for (auto& other : parts.others)
    self->monitor(other);
}

} // namespace

job_supervisor_actor::behavior_type
supervise(pointer self, std::shared_ptr<std::promise<caf::error>> ended) {
  auto state = std::make_shared<watch>();
  state->ended = std::move(ended);
  self->set_down_handler([=](const caf::down_msg& gone) {
    if (state->over)
      return;
    auto stopping = state->steps != nullptr;
    stop_for(self, state,
             make_error(ec::internal, "a part of sluice ended unexpectedly ("
                                        + what_of(gone.reason) + ")"),
             log_level::error);
    if (stopping)
      state->steps->skip();
  });
  return {
    [=](atoms::finished_atom) { stop_for(self, state, {}, log_level::info); },
    [=](atoms::failed_atom, const caf::error& reason) {
      stop_for(self, state, reason, level_of(reason));
    },
    [=](atoms::drain_atom) {
      stop_for(self, state, make_error(ec::interrupted, "interrupted"),
               log_level::info);
    },
    [=](const supervised_parts& parts) {
      state->parts = parts;
      state->known = true;
      watch_all(self, parts);
      if (state->stopping)
        begin_stop(self, state);
    },
  };
}

} // namespace sluice
