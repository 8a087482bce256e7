// The part of capture_pager that brings a run's captures as one file.

#include "actors/capture_pager.hpp"
#include "core/base/log.hpp"

#include <utility>

namespace sluice {

/// A listing under way is continued: its cursor says so.
bool capture_pager_state::wants_download(const reading& run) const {
  return !config_.readers.empty() && !run.reader && !run.by_pages
         && run.listing->cursor().empty();
}

void capture_pager_state::page_instead() {
  for (auto& run : std::exchange(to_open_, {})) {
    // Of its file some captures may be delivered already: it goes on there.
    run->by_pages = run->listing->state().captures == 0;
    (run->by_pages ? ready_ : to_open_).push_back(run);
  }
}

void capture_pager_state::open_more() {
  while (!to_open_.empty() && !idle_readers_.empty() && opened_ && !draining_
         && !broken_) {
    auto run = std::move(to_open_.front());
    to_open_.pop_front();
    auto reader = std::move(idle_readers_.back());
    idle_readers_.pop_back();
    open(run, reader);
  }
}

void capture_pager_state::open(const reading_ptr& run,
                               const download_reader_actor& reader) {
  self_
    ->request(config_.limiter, caf::infinite, atoms::permit_atom::value,
              request_kind::page)
    .then(
      [=, this](const permit& granted) {
        if (draining_)
          return self_->send(config_.limiter, atoms::release_atom::value,
                             granted);
        ++fetching_;
        self_
          ->request(config_.pool, caf::infinite, granted,
                    link_order{run->run.run})
          .then([=, this](link_reply& reply) { on_link(run, reader, reply); },
                [=, this](const caf::error& reason) {
                  --fetching_;
                  fail(reason);
                  check_drained();
                });
      },
      [this](const caf::error& reason) { fail(reason); });
}

void capture_pager_state::on_link(const reading_ptr& run,
                                  const download_reader_actor& reader,
                                  link_reply& reply) {
  --fetching_;
  if (reply.verdict.outcome == read_outcome::ok) {
    on_known(*run);
    if (!draining_)
      bring(run, reader, reply.link);
  } else {
    put_back(reader);
    on_failure(run, reply.verdict);
  }
  fetch_more();
  check_drained();
}

/// Draining does not wait for files: the next start asks for them again.
void capture_pager_state::bring(const reading_ptr& run,
                                const download_reader_actor& reader,
                                const signed_url& link) {
  self_->request(reader, caf::infinite, link)
    .then([=, this](
            const read_verdict& verdict) { on_brought(run, reader, verdict); },
          [this](const caf::error& reason) { fail(reason); });
}

void capture_pager_state::on_brought(const reading_ptr& run,
                                     const download_reader_actor& reader,
                                     const read_verdict& verdict) {
  if (draining_)
    return;
  if (verdict.outcome == read_outcome::ok) {
    run->reader = reader;
    run->link.reset();
    note_bad_lines(run, verdict.message);
    return ready(run);
  }
  put_back(reader);
  download_failed(run, verdict);
}

void capture_pager_state::note_bad_lines(const reading_ptr& run,
                                         const std::string& what) {
  run->has_bad_lines = !what.empty();
  run->listing->set_unreadable(run->has_bad_lines);
  if (run->has_bad_lines && !std::exchange(run->bad_lines_shown, true))
    log_event(log_level::warn, "bad_lines",
              what
                + ". They are left out; if the run is then short of "
                  "captures, it is read again",
              {{"run", run->run.run.id}});
}

void capture_pager_state::fetch_part(const reading_ptr& run) {
  auto reserved = window_->reserve();
  self_->request(run->reader, caf::infinite, atoms::next_atom::value)
    .then(
      [=, this](page_reply& reply) {
        on_part(run, reserved, reply);
        fetch_more();
      },
      [=, this](const caf::error& reason) {
        window_->cancel(reserved);
        fail(reason);
      });
}

void capture_pager_state::on_part(const reading_ptr& run, size_t reserved,
                                  page_reply& reply) {
  if (draining_)
    return window_->cancel(reserved);
  auto is_over = reply.verdict.outcome != read_outcome::ok || !reply.next;
  if (is_over)
    put_back(std::exchange(run->reader, {}));
  if (reply.verdict.outcome != read_outcome::ok) {
    window_->cancel(reserved);
    return download_failed(run, reply.verdict);
  }
  if (is_over) {
    run->attempts.on_success();
    config_.counters->link_failure.set({});
    breaker_.on_success();
    run->backoff->reset();
    on_readable(*run);
  }
  std::vector<capture_span> fresh;
  auto step = run->listing->on_part(reply, is_over, fresh);
  if (step == listing_step::again && run->has_bad_lines && config_.can_page)
    page_after_all(run);
  take(run, reserved, reply, step, std::move(fresh));
}

void capture_pager_state::download_failed(const reading_ptr& run,
                                          const read_verdict& verdict) {
  log_event(log_level::warn, "download_failed", verdict.message,
            {{"run", run->run.run.id}});
  config_.counters->link_failure.set("a download fails: " + verdict.message);
  if (!verdict.elsewhere)
    run->link.reset();
  // A profile that cannot page must wait for the file, but not for ever, unless
  // it is this machine that has no room for it.
  if (!config_.can_page && verdict.outcome != read_outcome::unreadable)
    return verdict.elsewhere && is_astray(*run)
             ? give_up(run, verdict.message)
             : pause(run, run->backoff->next());
  auto step = run->attempts.on_failure();
  if (step == fetch_step::pages && !config_.can_page)
    return give_up(run, verdict.message);
  try_again(run, step);
}

void capture_pager_state::try_again(const reading_ptr& run, fetch_step step) {
  if (step == fetch_step::again)
    return pause(run, run->backoff->next());
  page_after_all(run);
  // Of a run that failed there may never be a file.
  if (run->run.end.outcome == run_outcome::completed
      && breaker_.on_given_up(self_->clock().now()))
    log_event(log_level::warn, "downloads_paused",
              "no run's download could be read of late: runs are listed page "
              "by page, and downloads are tried again from time to time; if "
              "that never helps, set captures.fetch: pages");
  ready(run);
}

void capture_pager_state::page_after_all(const reading_ptr& run) {
  config_.counters->link_failure.set({});
  log_event(log_level::warn, "download_given_up",
            "the captures are listed page by page instead",
            {{"run", run->run.run.id}});
  run->by_pages = true;
}

void capture_pager_state::put_back(const download_reader_actor& reader) {
  idle_readers_.push_back(reader);
  open_more();
}

} // namespace sluice
