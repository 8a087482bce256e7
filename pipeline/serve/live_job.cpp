#include "pipeline/serve/live_job.hpp"

#include <chrono>
#include <utility>

namespace sluice {

const char* name_of(job_phase phase) noexcept {
  switch (phase) {
    case job_phase::starting:
      return "starting";
    case job_phase::importing:
      return "importing";
    case job_phase::running:
      return "running";
    case job_phase::stopping:
      return "stopping";
    case job_phase::ended:
      return "ended";
  }
  return "";
}

live_job::live_job(std::shared_ptr<const job_counters> counters,
                   bucket_limits limits)
    : counters_{std::move(counters)}, limits_{limits} {}

void live_job::enter(job_phase phase, std::string detail) {
  std::lock_guard guard{mutex_};
  phase_ = phase;
  detail_ = std::move(detail);
}

void live_job::note(const progress_facts& facts) {
  std::lock_guard guard{mutex_};
  facts_ = facts;
  auto now = std::chrono::steady_clock::now();
  samples_.push_back(sample(bucket_ ? bucket_->snapshot(now) : std::nullopt));
  if (samples_.size() > most_samples)
    samples_.pop_front();
}

std::shared_ptr<bucket_store>
live_job::watch(std::shared_ptr<bucket_store> store) {
  std::lock_guard guard{mutex_};
  bucket_ = std::make_shared<watched_bucket>(std::move(store), limits_);
  return bucket_;
}

std::shared_ptr<sink>
live_job::watch(const std::string& name, std::shared_ptr<sink> target) {
  std::lock_guard guard{mutex_};
  sinks_.push_back(std::make_shared<watched_sink>(name, std::move(target)));
  return sinks_.back();
}

live_sample live_job::sample(const std::optional<bucket_view>& bucket) const {
  live_sample now;
  now.at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count();
  now.tokens = bucket ? bucket->tokens : -1;
  now.submits = counters_->submits;
  now.polls = counters_->polls;
  now.pages = counters_->pages;
  now.rate_limited = counters_->rate_limited;
  now.captures = counters_->captures;
  now.capture_bytes = counters_->capture_bytes;
  return now;
}

bool live_job::is_running() const {
  std::lock_guard guard{mutex_};
  return phase_ == job_phase::running || phase_ == job_phase::stopping;
}

live_view live_job::snapshot() const {
  std::lock_guard guard{mutex_};
  live_view view;
  view.phase = phase_;
  view.detail = detail_;
  view.facts = facts_;
  if (bucket_)
    view.bucket = bucket_->snapshot(std::chrono::steady_clock::now());
  view.now = sample(view.bucket);
  view.runs = counters_->runs.snapshot();
  for (auto& sink : sinks_)
    view.sinks.push_back(sink->snapshot());
  return view;
}

std::vector<live_sample> live_job::history() const {
  std::lock_guard guard{mutex_};
  return {samples_.begin(), samples_.end()};
}

} // namespace sluice
