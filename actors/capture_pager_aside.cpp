// The part of capture_pager that sets aside a run whose captures, or whose
// status in a recount, cannot be read. They are paid for, so the run is not
// lost, but sluice does not keep asking for it forever. The readable part of an
// unreadable page is delivered first. If run after run fails, the API is at
// fault: then runs wait and submitting pauses, or the job ends if the replies
// are too large.

#include "actors/capture_pager.hpp"
#include "core/base/job_command.hpp"
#include "core/base/log.hpp"

#include <utility>

namespace sluice {

void capture_pager_state::on_unreadable(const reading_ptr& run, size_t reserved,
                                        page_reply& reply) {
  if (auto wait = run->tries.next(config_.times.unreadable_step,
                                  unreadable_.readable())) {
    window_->cancel(reserved);
    return pause(run, *wait);
  }
  auto reason = reply.verdict.message;
  // If another server is at fault, the API is not: the API's page was readable.
  if (reply.verdict.elsewhere ? list_anew(run) : !may_set_aside(run, reason))
    return window_->cancel(reserved);
  if (reply.body == nullptr) {
    window_->cancel(reserved);
    return set_aside(run, reason);
  }
  auto body = reply.body;
  std::vector<capture_span> fresh;
  static_cast<void>(run->listing->on_part(reply, false, fresh));
  pass_on(run, reserved, reply, std::move(fresh));
  keep(run, std::move(body), reason);
}

bool capture_pager_state::list_anew(const reading_ptr& run) {
  run->tries.reset();
  run->link.reset();
  auto step = run->listing->on_expired_cursor();
  if (step != listing_step::broken) {
    follow(run, step);
    return true;
  }
  run->listing->begin_anew(); // a later `read-again` starts there
  return false;
}

void capture_pager_state::give_up(const reading_ptr& run,
                                  const std::string& reason) {
  if (may_set_aside(run, reason))
    set_aside(run, reason);
}

bool capture_pager_state::may_set_aside(const reading_ptr& run,
                                        const std::string& reason) {
  auto was_at_fault = unreadable_.api_at_fault();
  if (unreadable_.may_set_aside(run->run.batch, run->tries))
    return true;
  if (!was_at_fault) {
    show_fault(*run, reason);
    self_->send(config_.submitter, replies_readable{request_kind::page, false});
  }
  pause(run, run->backoff->next());
  return false;
}

void capture_pager_state::on_too_large(const reading_ptr& run,
                                       const read_verdict& verdict) {
  if (may_page_instead(*run))
    return downloads_->on_failure(run, verdict);
  auto remedy = config_.can_page ? " or lower the profile's page size" : "";
  if (!may_set_aside_large(run, verdict.message + remedy))
    return;
  // Pages of another size may begin elsewhere.
  run->listing->begin_anew();
  set_aside(run, verdict.message + remedy
                   + ", then have the run read again with `sluice resolve`");
}

bool capture_pager_state::may_set_aside_large(const reading_ptr& run,
                                              const std::string& reason) {
  auto was_at_fault = unreadable_.api_at_fault();
  if (unreadable_.may_set_aside(run->run.batch))
    return true;
  if (was_at_fault)
    pause(run, run->backoff->next());
  else
    fail(all_too_large(reason));
  return false;
}

void capture_pager_state::keep(const reading_ptr& run,
                               std::shared_ptr<const std::string> body,
                               const std::string& reason) {
  self_
    ->request(config_.ledger, caf::infinite,
              unreadable_reply{run->run.batch, std::move(body)})
    .then(
      [=, this](const kept_reply& kept) {
        set_aside(run, reason + "; the reply is in " + printable(kept.file));
      },
      [=, this](const caf::error& why_not) {
        log_event(log_level::warn, "reply_not_kept", what_of(why_not),
                  {{"run", run->run.run.id}});
        set_aside(run, reason);
      });
}

void capture_pager_state::set_aside(const reading_ptr& run,
                                    const std::string& reason) {
  if (drain_.begun())
    return; // the next start finds the same fault
  run->why = reason;
  show_set_aside(*run);
  end(run, reading_run::phase::set_aside);
}

void capture_pager_state::on_readable(reading_run& run) {
  run.tries.reset();
  end_fault();
}

void capture_pager_state::end_fault() {
  auto was_at_fault = unreadable_.api_at_fault();
  for (auto batch : unreadable_.on_readable())
    read_again_.push_back(batch);
  if (!was_at_fault)
    return;
  log_event(log_level::info, "captures_readable",
            "captures can be read again: the job continues");
  for (auto& [batch, run] : runs_)
    run->tries.reset();
  self_->send(config_.submitter, replies_readable{request_kind::page, true});
  read_again([] {});
}

/// Reads only the runs whose new state is in the ledger; the others follow with
/// the checkpoint that records theirs.
void capture_pager_state::read_again(const std::function<void()>& then) {
  runs_to_read wanted;
  std::erase_if(read_again_, [&](batch_key batch) {
    auto is_committed = !runs_.contains(batch);
    if (is_committed)
      wanted.batches.push_back(batch);
    return is_committed;
  });
  if (wanted.batches.empty())
    return then();
  drain_.add();
  self_->request(config_.ledger, caf::infinite, wanted)
    .then(
      [=, this](const batch_decisions& decisions) {
        drain_.remove();
        if (!drain_.begun())
          self_->send(config_.submitter, decisions);
        then();
        checkpoints_->check_drained();
      },
      [this](const caf::error& reason) { request_failed(reason); });
}

// -- what the user sees -------------------------------------------------------

void capture_pager_state::show_fault(const reading_run& run,
                                     const std::string& reason) {
  log_event(
    log_level::error, "captures_unreadable",
    "the captures of several runs in a row cannot be read, so the API or a "
    "proxy is at fault: submitting pauses until captures can be read "
    "again",
    {{"run", run.run.run.id}, {"reason", reason}});
}

void capture_pager_state::show_set_aside(const reading_run& run) {
  log_event(log_level::error, "run_set_aside",
            "not all captures of the run can be read; `"
              + job_command("resolve") + "` shows what can be done",
            {{"run", printable(run.run.run.id)},
             {"batch", run.run.batch},
             {"reason", run.why}});
}

} // namespace sluice
