#include "pipeline/serve/watched_sink.hpp"

#include <chrono>
#include <utility>

namespace sluice {

namespace {

/// In seconds: from a file in the page cache to a receiver that is nearly down.
const prometheus::Histogram::BucketBoundaries bounds{
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

} // namespace

watched_sink::watched_sink(std::string name, std::shared_ptr<sink> target)
    : target_{std::move(target)}, seconds_{bounds} {
  view_.name = std::move(name);
}

caf::error watched_sink::open(const std::optional<sink_position>& committed) {
  return target_->open(committed);
}

void watched_sink::note(const caf::error& outcome) {
  view_.waits = static_cast<bool>(outcome);
  view_.reason = outcome ? printable(what_of(outcome)) : std::string{};
  view_.failures += outcome ? 1 : 0;
  view_.dead_letters = target_->dead_letters();
}

caf::error watched_sink::write(const capture_page& page) {
  auto begin = std::chrono::steady_clock::now();
  auto err = target_->write(page);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  seconds_.Observe(took.count());
  std::lock_guard guard{mutex_};
  note(err);
  if (!err) {
    view_.captures += page.captures.size();
    view_.capture_bytes += page.body->size();
  }
  return err;
}

caf::expected<sink_position> watched_sink::checkpoint() {
  auto position = target_->checkpoint();
  std::lock_guard guard{mutex_};
  note(position ? caf::error{} : position.error());
  if (position)
    view_.committed = view_.captures;
  return position;
}

caf::error watched_sink::close() {
  return target_->close();
}

uint64_t watched_sink::dead_letters() const {
  return target_->dead_letters();
}

sink_view watched_sink::snapshot() const {
  auto histogram = seconds_.Collect();
  std::lock_guard guard{mutex_};
  auto view = view_;
  view.write_seconds = std::move(histogram);
  return view;
}

} // namespace sluice
