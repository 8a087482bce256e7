#include "core/flow/reading_order.hpp"

#include <algorithm>
#include <cassert>

namespace sluice {

void reading_order::add(batch_key run) {
  auto paused = pausing_.find(run);
  if (paused == pausing_.end()) {
    line_.emplace(++last_place_, run);
    return;
  }
  line_.emplace(paused->second, run);
  pausing_.erase(paused);
}

bool reading_order::may_begin(bool all_wait) const {
  auto most = all_wait ? most_bytes_waiting : most_bytes;
  return turns_.size() < least_turns || bytes_ + loading_ * largest_ < most;
}

std::optional<batch_key> reading_order::next(bool all_wait) {
  if (line_.empty() || !may_begin(all_wait))
    return std::nullopt;
  auto [place, run] = *line_.begin();
  line_.erase(line_.begin());
  turns_[run].place = place;
  ++loading_;
  return run;
}

void reading_order::loaded(batch_key run, size_t bytes) {
  turns_.at(run).bytes = bytes;
  --loading_;
  bytes_ += bytes;
  largest_ = seen_ ? std::max(largest_, bytes) : bytes;
  seen_ = true;
}

void reading_order::progressed(batch_key run) {
  turns_.at(run).progressed = true;
}

reading_order::turn reading_order::take(batch_key run) {
  assert(has_turn(run));
  auto left = turns_.extract(run).mapped();
  if (left.bytes)
    bytes_ -= *left.bytes;
  else
    --loading_;
  return left;
}

void reading_order::pause(batch_key run) {
  auto left = take(run);
  pausing_.emplace(run, left.progressed ? left.place : ++last_place_);
}

void reading_order::end(batch_key run) {
  take(run);
}

uint64_t reading_order::place_of(batch_key run) const {
  return turns_.at(run).place;
}

} // namespace sluice
