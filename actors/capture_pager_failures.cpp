// The part of capture_pager that decides what follows a failed request for a
// page or a download link. Unreadable pages go to capture_pager_aside.cpp
// instead. The recount uses the rules for runs that the API denies.

#include "actors/capture_pager.hpp"
#include "actors/gone_notice.hpp"

namespace sluice {

namespace {

/// The server works, but its reply is unusable, and it may repeat that reply
/// forever.
bool is_answer(const read_verdict& verdict) {
  return verdict.status >= 200 && verdict.status < 500;
}

} // namespace

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
    case read_outcome::unreadable: // only a link, see above
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
  pause(run, run->backoff->next(verdict.least_wait()));
}

void capture_pager_state::on_gone(const reading_ptr& run,
                                  const read_verdict& verdict) {
  on_readable(*run); // a denial is a readable reply
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
  run.denied.deny(now);
  note_gone(*config_.counters, run.run.batch, verdict, now,
            *run.denied.lost_at(now, config_.times.lost_after));
  return run.denied.is_lost(now, config_.times.lost_after);
}

void capture_pager_state::on_known(reading_run& run) {
  run.denied.reset();
  note_back(*config_.counters, run.run.batch);
}

} // namespace sluice
