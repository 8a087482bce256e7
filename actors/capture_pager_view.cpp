// The part of capture_pager that shows the user what happens: counters, the
// board of runs, and log events.

#include "actors/capture_pager.hpp"
#include "core/base/log.hpp"

namespace sluice {

void capture_pager_state::show_start(const terminal_run& run) {
  auto& board = config_.counters->runs;
  if (board.has(run.batch))
    return;
  // A run that had ended before this process began.
  run_bar bar;
  bar.batch = run.batch;
  bar.id = printable(run.run.id, 80);
  bar.stage = run_stage::reading;
  bar.urls = run.url_count;
  board.put(std::move(bar));
}

void capture_pager_state::show_expired(const reading_run& run,
                                       const read_verdict& verdict) {
  log_event(log_level::warn, "cursor_expired", verdict.message,
            {{"run", run.run.run.id}});
}

void capture_pager_state::show_captures(const reading_run& run) {
  config_.counters->runs.on_captures(run.run.batch,
                                     run.listing->state().captures);
}

void capture_pager_state::show_shared_id(const reading_run& run,
                                         const std::string& body,
                                         const capture_span& id) {
  log_event(log_level::warn, "shared_id",
            "captures with different URLs share an id; all are delivered, and "
            "further cases in this run are not logged. If the profile's "
            "results.item_id names a member that is not an id, correct it",
            {{"run", printable(run.run.run.id)},
             {"id", printable(std::string_view{body}.substr(id.begin,
                                                            id.end - id.begin),
                              80)}});
}

void capture_pager_state::show_delivery(const capture_page& page) {
  config_.counters->captures += page.captures.size();
  config_.counters->capture_bytes += page.body->size();
}

void capture_pager_state::show_lost(const reading_run& run) {
  log_event(log_level::error, "run_lost", run.run.end.state,
            {{"run", run.run.run.id}});
}

void capture_pager_state::show_end(const reading_run& run) {
  config_.counters->gone.remove(run.run.batch);
  config_.counters->link_failure.set({}); // other runs will report it again
}

void capture_pager_state::show_committed(const run_progress& run,
                                         reading_run& state) {
  config_.counters->urls_covered += state.covered - state.covered_shown;
  state.covered_shown = state.covered;
  if (run.set_aside)
    config_.counters->runs.close(run.batch, run_stage::set_aside);
  if (run.done) {
    ++config_.counters->runs_done;
    config_.counters->runs.close(run.batch, run_stage::done);
    config_.counters->urls_settled += state.run.url_count;
    log_event(log_level::debug, "run_committed",
              "every capture of the run is in every sink",
              {{"run", state.run.run.id}});
  }
}

void capture_pager_state::show_window() {
  config_.counters->window_bytes = window_->held();
}

page_wait capture_pager_state::waits_for() const {
  if (!ready_.empty() && !window_->has_room()
      && window_->held() * 2 >= window_->used())
    return page_wait::window;
  if (asking_ > 0 || !drain_.is_idle())
    return page_wait::fetching;
  if (!outstanding_.empty() || checkpoints_->awaits_sinks())
    return page_wait::sinks;
  return pausing_ > 0 ? page_wait::backoff : page_wait::none;
}

void capture_pager_state::show_wait() {
  config_.counters->time.note(self_->clock().now(), waits_for());
}

} // namespace sluice
