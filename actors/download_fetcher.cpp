#include "actors/download_fetcher.hpp"

#include "actors/permits.hpp"
#include "core/base/log.hpp"

#include <utility>

namespace sluice {

download_fetcher::download_fetcher(capture_pager_actor::pointer self,
                                   download_owner& owner, page_window& window,
                                   drain_gate& drain,
                                   download_fetcher_config config)
    : self_{self},
      owner_{owner},
      window_{window},
      drain_{drain},
      config_{std::move(config)},
      idle_{config_.readers} {}

bool download_fetcher::wants(const reading_run& run) const {
  return !config_.readers.empty()
         && run.download.now == run_download::phase::closed
         && run.listing->cursor().empty();
}

// -- opening ------------------------------------------------------------------

void download_fetcher::enqueue(const reading_ptr& run) {
  waiting_.push_back(run);
}

std::vector<reading_ptr> download_fetcher::take_paged() {
  std::vector<reading_ptr> paged;
  if (breaker_.allows(self_->clock().now()))
    return paged;
  for (auto& run : std::exchange(waiting_, {})) {
    if (run->listing->state().captures > 0) {
      waiting_.push_back(run);
      continue;
    }
    run->download.now = run_download::phase::given_up;
    paged.push_back(run);
  }
  return paged;
}

void download_fetcher::open_more() {
  while (!waiting_.empty() && !idle_.empty() && owner_.may_fetch()) {
    auto run = std::move(waiting_.front());
    waiting_.pop_front();
    auto reader = std::move(idle_.back());
    idle_.pop_back();
    open(run, reader);
  }
}

void download_fetcher::open(const reading_ptr& run,
                            const download_reader_actor& reader) {
  with_permit(
    self_, config_.limiter, request_kind::page,
    permit_use{
      .wanted = [this] { return !drain_.begun(); },
      .send = [=,
               this](const permit& granted) { ask_link(run, reader, granted); },
      .unwanted = [] {},
      .fail = [this](const caf::error& reason) { owner_.fail(reason); }});
}

void download_fetcher::ask_link(const reading_ptr& run,
                                const download_reader_actor& reader,
                                const permit& granted) {
  drain_.add();
  self_->request(config_.pool, caf::infinite, granted, link_order{run->run.run})
    .then([=, this](const link_reply& reply) { on_link(run, reader, reply); },
          [this](const caf::error& reason) {
            drain_.remove();
            owner_.fail(reason);
            owner_.go_on();
          });
}

void download_fetcher::on_link(const reading_ptr& run,
                               const download_reader_actor& reader,
                               const link_reply& reply) {
  drain_.remove();
  if (reply.verdict.outcome != read_outcome::ok)
    put_back(reader);
  else if (!drain_.begun())
    bring(run, reader, reply.link);
  owner_.on_link(run, reply.verdict);
  owner_.go_on();
}

/// Draining does not wait for files: the next start requests them again.
void download_fetcher::bring(const reading_ptr& run,
                             const download_reader_actor& reader,
                             const signed_url& link) {
  self_->request(reader, caf::infinite, link)
    .then([=, this](
            const read_verdict& verdict) { on_brought(run, reader, verdict); },
          [this](const caf::error& reason) { owner_.fail(reason); });
}

void download_fetcher::on_brought(const reading_ptr& run,
                                  const download_reader_actor& reader,
                                  const read_verdict& verdict) {
  if (drain_.begun())
    return;
  if (verdict.outcome != read_outcome::ok) {
    put_back(reader);
    return on_failure(run, verdict);
  }
  run->download.now = run_download::phase::open;
  run->download.reader = reader;
  run->link.reset();
  note_bad_lines(*run, verdict.message);
  owner_.ready(run);
}

void download_fetcher::note_bad_lines(reading_run& run,
                                      const std::string& what) {
  auto& file = run.download;
  file.has_bad_lines = !what.empty();
  run.listing->set_unreadable(file.has_bad_lines);
  if (file.has_bad_lines && !std::exchange(file.bad_lines_logged, true))
    show_bad_lines(run, what);
}

// -- reading ------------------------------------------------------------------

void download_fetcher::fetch_part(const reading_ptr& run) {
  auto reserved = window_.reserve();
  self_->request(run->download.reader, caf::infinite, atoms::next_atom::value)
    .then(
      [=, this](page_reply& reply) {
        on_part(run, reserved, reply);
        owner_.go_on();
      },
      [=, this](const caf::error& reason) {
        window_.cancel(reserved);
        owner_.fail(reason);
      });
}

void download_fetcher::on_part(const reading_ptr& run, size_t reserved,
                               page_reply& reply) {
  if (drain_.begun())
    return window_.cancel(reserved);
  auto is_readable = reply.verdict.outcome == read_outcome::ok;
  auto is_over = !is_readable || !reply.next;
  if (is_over)
    close(*run);
  if (!is_readable) {
    window_.cancel(reserved);
    return on_failure(run, reply.verdict);
  }
  if (is_over)
    on_whole(*run);
  std::vector<capture_span> fresh;
  auto step = run->listing->on_part(reply, is_over, fresh);
  if (step == listing_step::again && run->download.has_bad_lines
      && config_.can_page)
    page_instead(*run);
  owner_.take(run, reserved, reply, step, std::move(fresh));
}

void download_fetcher::on_whole(reading_run& run) {
  run.download.attempts.on_success();
  config_.counters->link_failure.set({});
  breaker_.on_success();
  run.backoff->reset();
  owner_.on_readable(run);
}

void download_fetcher::close(reading_run& run) {
  if (run.download.now != run_download::phase::open)
    return;
  run.download.now = run_download::phase::closed;
  put_back(std::exchange(run.download.reader, {}));
}

void download_fetcher::put_back(const download_reader_actor& reader) {
  idle_.push_back(reader);
  open_more();
}

// -- failures -----------------------------------------------------------------

void download_fetcher::on_absent(const reading_ptr& run) {
  try_again(run, run->download.attempts.on_absent(run->run.end.outcome));
}

void download_fetcher::on_failure(const reading_ptr& run,
                                  const read_verdict& verdict) {
  show_failure(*run, verdict);
  if (!verdict.elsewhere)
    run->link.reset();
  // If the profile cannot page, the run must wait for the file, but not
  // forever, unless this machine has no room for the file.
  if (!config_.can_page && verdict.outcome != read_outcome::unreadable)
    return verdict.elsewhere && owner_.is_astray(*run)
             ? owner_.give_up(run, verdict.message)
             : owner_.pause(run, run->backoff->next());
  auto step = run->download.attempts.on_failure();
  if (step == fetch_step::pages && !config_.can_page)
    return owner_.give_up(run, verdict.message);
  try_again(run, step);
}

void download_fetcher::try_again(const reading_ptr& run, fetch_step step) {
  if (step == fetch_step::again)
    return owner_.pause(run, run->backoff->next());
  page_instead(*run);
  // A run that failed may never have a file.
  if (run->run.end.outcome == run_outcome::completed
      && breaker_.on_given_up(self_->clock().now()))
    show_paused();
  owner_.ready(run);
}

void download_fetcher::page_instead(reading_run& run) {
  run.download.now = run_download::phase::given_up;
  show_given_up(run);
}

// -- what the user sees -------------------------------------------------------

void download_fetcher::show_bad_lines(const reading_run& run,
                                      const std::string& what) {
  log_event(log_level::warn, "bad_lines",
            what
              + ". They are left out; if captures are then missing from the "
                "run, it is read again",
            {{"run", printable(run.run.run.id)}});
}

void download_fetcher::show_failure(const reading_run& run,
                                    const read_verdict& verdict) {
  log_event(log_level::warn, "download_failed", verdict.message,
            {{"run", run.run.run.id}});
  config_.counters->link_failure.set("a download fails: " + verdict.message);
}

void download_fetcher::show_given_up(const reading_run& run) {
  config_.counters->link_failure.set({});
  log_event(log_level::warn, "download_given_up",
            "the captures are listed page by page instead",
            {{"run", run.run.run.id}});
}

void download_fetcher::show_paused() {
  log_event(log_level::warn, "downloads_paused",
            "no recent download could be read: runs are listed page by page, "
            "and downloads are retried from time to time; if they keep "
            "failing, set captures.fetch: pages");
}

} // namespace sluice
