// The part of capture_pager that asks for a run's status again, because its
// listing returned more captures than the run can have.

#include "actors/capture_pager.hpp"
#include "actors/permits.hpp"

namespace sluice {

void capture_pager_state::recount(const reading_ptr& run) {
  with_permit(
    self_, config_.limiter, request_kind::poll,
    permit_use{
      .wanted = [this] { return !drain_.begun(); },
      .send = [=, this](const permit& granted) { ask_status(run, granted); },
      .unwanted = [] {},
      .fail = [this](const caf::error& reason) { fail(reason); }});
}

void capture_pager_state::ask_status(const reading_ptr& run,
                                     const permit& granted) {
  drain_.add();
  self_->request(config_.pool, caf::infinite, granted, run->run.run)
    .then([=, this](const status_reply& reply) { on_status(run, reply); },
          [this](const caf::error& reason) { request_failed(reason); });
}

void capture_pager_state::on_status(const reading_ptr& run,
                                    const status_reply& reply) {
  drain_.remove();
  auto& verdict = reply.verdict;
  switch (verdict.outcome) {
    case read_outcome::ok:
      recounted(run, reply.run.extracted);
      break;
    case read_outcome::rate_limited:
      recount(run);
      break;
    case read_outcome::too_large:
      if (may_set_aside_large(run, verdict.message))
        set_aside(run, "its status cannot be read: " + verdict.message);
      break;
    case read_outcome::stop_job:
      fail(make_error(ec::api_refused, verdict.message));
      break;
    case read_outcome::unreadable:
      if (auto wait = run->tries.next(config_.times.unreadable_step,
                                      unreadable_.readable()))
        pause(run, *wait);
      else
        give_up(run, "its status cannot be read: " + verdict.message);
      break;
    case read_outcome::gone:
      if (is_gone(*run, verdict)) {
        recounted(run, {});
        break;
      }
      [[fallthrough]];
    default:
      note_own(*run, verdict);
      pause(run, run->backoff->next(verdict.least_wait()));
  }
  go_on();
}

void capture_pager_state::recounted(const reading_ptr& run,
                                    std::optional<uint64_t> reported) {
  on_readable(*run);
  run->now = reading_run::phase::reading;
  on_known(*run);
  run->backoff->reset();
  if (reported)
    run->run.end.extracted = reported;
  follow(run, run->listing->on_recount(reported));
}

} // namespace sluice
