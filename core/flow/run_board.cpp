#include "core/flow/run_board.hpp"

#include <utility>

namespace sluice {

const char* name_of(run_stage stage) noexcept {
  switch (stage) {
    case run_stage::queued:
      return "queued";
    case run_stage::active:
      return "active";
    case run_stage::reading:
      return "reading";
    case run_stage::done:
      return "done";
    case run_stage::held:
      return "held";
    case run_stage::set_aside:
      return "set_aside";
  }
  return "";
}

void run_board::put(run_bar bar) {
  std::lock_guard guard{mutex_};
  auto batch = bar.batch;
  if (open_.size() < most_open || open_.contains(batch))
    open_.insert_or_assign(batch, std::move(bar));
}

void run_board::on_status(int64_t batch, bool is_queued,
                          std::optional<int64_t> started_at_ms,
                          std::optional<uint64_t> extracted,
                          std::optional<uint64_t> queue) {
  std::lock_guard guard{mutex_};
  auto found = open_.find(batch);
  if (found == open_.end())
    return;
  auto& bar = found->second;
  bar.stage = is_queued ? run_stage::queued : run_stage::active;
  if (started_at_ms)
    bar.started_at_ms = *started_at_ms;
  bar.extracted = extracted;
  bar.queue = queue;
}

void run_board::on_ended(int64_t batch, int64_t now_ms,
                         std::optional<uint64_t> extracted) {
  std::lock_guard guard{mutex_};
  auto found = open_.find(batch);
  if (found == open_.end())
    return;
  auto& bar = found->second;
  bar.stage = run_stage::reading;
  bar.ended_at_ms = now_ms;
  bar.extracted = extracted;
  bar.queue.reset();
}

void run_board::on_captures(int64_t batch, uint64_t captures) {
  std::lock_guard guard{mutex_};
  if (auto found = open_.find(batch); found != open_.end())
    found->second.captures = captures;
}

void run_board::close(int64_t batch, run_stage stage) {
  std::lock_guard guard{mutex_};
  auto found = open_.find(batch);
  if (found == open_.end())
    return;
  found->second.stage = stage;
  closed_.push_back(std::move(found->second));
  open_.erase(found);
  if (closed_.size() > most_closed)
    closed_.pop_front();
}

bool run_board::has(int64_t batch) const {
  std::lock_guard guard{mutex_};
  return open_.contains(batch);
}

std::vector<run_bar> run_board::snapshot() const {
  std::lock_guard guard{mutex_};
  std::vector<run_bar> result{closed_.begin(), closed_.end()};
  for (auto& [batch, bar] : open_)
    result.push_back(bar);
  return result;
}

} // namespace sluice
