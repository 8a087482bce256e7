#include "actors/sink_actor.hpp"

#include "core/base/crash_point.hpp"
#include "core/base/log.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

sink_actor_state::~sink_actor_state() {
  for (auto& left : jobs_)
    fail(left, make_error(ec::stopped, "sink " + config_.name + " has ended"));
}

void sink_actor_state::fail(job& failed, const caf::error& reason) {
  std::visit([&](auto& entry) { entry.promise.deliver(reason); }, failed);
}

caf::error sink_actor_state::carry_out(job& next) {
  if (auto* write = std::get_if<page_job>(&next)) {
    if (auto err = config_.target->write(*write->page))
      return err;
    crash_point(crash_at::page_written);
    write->promise.deliver(atoms::ok_atom::value);
    return {};
  }
  auto position = config_.target->checkpoint();
  if (!position)
    return position.error();
  crash_point(crash_at::sink_synced);
  std::get<cut_job>(next).promise.deliver(
    sink_report{config_.name, *position, config_.target->dead_letters()});
  return {};
}

void sink_actor_state::work() {
  if (jobs_.empty() || waiting_)
    return;
  auto err = failed_ ? failed_ : carry_out(jobs_.front());
  if (err && is_retryable(err) && !failed_) {
    auto pause = backoff_->next(wait_of(err));
    if (is_patient(pause))
      return later(err, pause);
    // The job is stopping for another reason; a waiting sink does not add one.
    err = make_error(ec::stopped, what_of(err));
  }
  if (err) {
    failed_ = err;
    fail(jobs_.front(), err);
  } else {
    note_success();
  }
  jobs_.pop_front();
  // Continue in a new message: this answer must not wait for the next job.
  if (!jobs_.empty())
    self_->send(self_, atoms::wake_atom::value);
}

/// Whether another attempt can be made after this pause.
bool sink_actor_state::is_patient(duration pause) const {
  auto& times = config_.times;
  auto last_try = std::min(well_at_ + times.drain_patience,
                           drained_since_ + times.drain_longest);
  return !draining_ || self_->clock().now() + pause <= last_try;
}

void sink_actor_state::later(const caf::error& reason, duration pause) {
  if (outage_.happened(self_->clock().now()))
    log_event(log_level::warn, "sink_waits",
              "the sink does not accept captures; the pipeline waits for it",
              {{"sink", config_.name}, {"reason", what_of(reason)}});
  is_down_ = true;
  config_.counters->sink_failure.set("sink '" + config_.name
                                     + "' fails: " + what_of(reason));
  waiting_ = true;
  wake_at_ = self_->clock().now() + pause;
  self_->delayed_send(self_, pause, atoms::wake_atom::value);
}

void sink_actor_state::note_success() {
  backoff_->reset();
  well_at_ = self_->clock().now();
  // Another sink that is down will report it again.
  if (std::exchange(is_down_, false))
    config_.counters->sink_failure.set({});
  if (outage_.ended())
    log_event(log_level::info, "sink_goes_on",
              "the sink accepts captures again", {{"sink", config_.name}});
}

sink_actor::behavior_type
sink_actor_state::make_behavior(sink_actor_config config) {
  config_ = std::move(config);
  backoff_.emplace(config_.times.backoff_base, config_.times.backoff_cap,
                   config_.seed);
  auto answer = [](caf::error err) -> caf::result<atoms::ok_atom> {
    if (err)
      return err;
    return atoms::ok_atom::value;
  };
  return {
    [=, this](atoms::start_atom) {
      return answer(config_.target->open(config_.committed));
    },
    [this](const page_ptr& page) {
      auto promise = self_->make_response_promise<atoms::ok_atom>();
      jobs_.push_back(page_job{page, promise});
      work();
      return promise;
    },
    [this](atoms::checkpoint_atom) {
      auto promise = self_->make_response_promise<sink_report>();
      jobs_.push_back(cut_job{promise});
      work();
      return promise;
    },
    [this](atoms::drain_atom) {
      draining_ = true;
      waiting_ = false;
      wake_at_ = drained_since_ = well_at_ = self_->clock().now();
      backoff_->reset();
      work();
      return atoms::ok_atom::value;
    },
    [=, this](atoms::close_atom) { return answer(config_.target->close()); },
    [this](atoms::wake_atom) {
      if (self_->clock().now() < wake_at_)
        return; // from a pause that the drain has ended
      waiting_ = false;
      work();
    },
  };
}

sink_actor::behavior_type
sink_shell(sink_actor_state::pointer self, sink_actor_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
