// The part of capture_pager that decides which runs are read. A run's URLs are
// loaded when its turn begins, and leave the memory with its turn.

#include "actors/capture_pager.hpp"

#include <utility>

namespace sluice {

namespace {

/// Roughly what a run takes during its turn. Each URL has places in tables,
/// and each capture an identity that is kept until the run's end.
size_t bytes_of(const url_table& urls) {
  constexpr size_t bytes_beside_text = 80;
  return urls.bytes() + urls.size() * bytes_beside_text;
}

} // namespace

void capture_pager_state::start(const terminal_run& run) {
  auto entry = std::make_shared<reading_run>();
  entry->run = run;
  entry->backoff.emplace(config_.times.backoff_base, config_.times.backoff_cap,
                         config_.seed + static_cast<uint64_t>(run.batch));
  if (!runs_.emplace(run.batch, entry).second)
    return; // it is being read
  show_start(run);
  order_.add(run.batch);
  fetch_more();
}

void capture_pager_state::begin_turns() {
  while (may_fetch()) {
    auto batch = order_.next(in_flight_ >= order_.turns());
    if (!batch)
      return;
    begin_turn(runs_.at(*batch));
  }
}

void capture_pager_state::begin_turn(const reading_ptr& run) {
  if (!run->listing)
    return load(run);
  order_.loaded(run->run.batch, run->url_bytes);
  enqueue(run);
}

void capture_pager_state::load(const reading_ptr& run) {
  self_
    ->request(config_.ledger, caf::infinite, atoms::start_atom::value,
              run->run.batch)
    .then([=, this](paging_start& begin) { loaded(run, begin); },
          [this](const caf::error& reason) { fail(reason); });
}

void capture_pager_state::loaded(const reading_ptr& run, paging_start& begin) {
  run->url_bytes = bytes_of(begin.urls);
  run->robot = std::move(begin.robot);
  order_.loaded(run->run.batch, run->url_bytes);
  run->listing.emplace(std::move(begin), run->run.end.extracted,
                       config_.budget);
  run->covered_shown = run->listing->covered();
  if (run->run.end.outcome == run_outcome::lost)
    finish(run, run->run.end.state);
  else
    ready(run);
}

void capture_pager_state::pause(const reading_ptr& run, duration wait) {
  ++pausing_;
  // Otherwise runs that wait for a reader could hold all turns while runs that
  // wait for a turn hold all readers. A file is read again from its start.
  downloads_->close(*run);
  order_.pause(run->run.batch);
  unload(*run);
  self_->delayed_send(self_, wait, atoms::wake_atom::value,
                      static_cast<int64_t>(run->run.batch));
  fetch_more();
}

void capture_pager_state::resume(batch_key batch) {
  --pausing_;
  order_.add(batch);
  fetch_more();
}

void capture_pager_state::unload(reading_run& run) {
  auto is_committed = !run.dirty && !run.committing;
  if (is_committed && !order_.has_turn(run.run.batch))
    run.listing.reset();
}

} // namespace sluice
