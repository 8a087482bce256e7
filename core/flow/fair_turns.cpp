#include "core/flow/fair_turns.hpp"

#include "core/base/digest.hpp"

#include <algorithm>
#include <tuple>

namespace sluice {

namespace {

/// Ties go to the lower id, so that two jobs never wait for each other.
bool is_before(const job_turn& one, const job_turn& other) {
  return std::tie(one.due, one.job.id) < std::tie(other.due, other.job.id);
}

} // namespace

sharing_job
sharing_job_of(std::string_view config_file, std::string_view ledger) {
  sharing_job job;
  auto cut = config_file.size() - std::min(config_file.size(), most_job_name);
  job.name = config_file.substr(cut);
  auto digest = sha256({ledger});
  for (size_t i = 0; i < sizeof job.id; ++i)
    job.id = job.id << 8 | digest[i];
  return job;
}

job_turn* fair_turns::find(const sharing_job& job) {
  auto found = std::find_if(jobs_.begin(), jobs_.end(),
                            [&](auto& at) { return at.job.id == job.id; });
  return found == jobs_.end() ? nullptr : &*found;
}

job_turn& fair_turns::entry_of(const sharing_job& job, time_point now) {
  if (auto* known = find(job))
    return *known;
  std::erase_if(jobs_, [&](auto& at) { return at.heard_at + memory < now; });
  if (jobs_.size() >= most_jobs)
    jobs_.erase(
      std::min_element(jobs_.begin(), jobs_.end(), [](auto& one, auto& other) {
        return one.heard_at < other.heard_at;
      }));
  return jobs_.emplace_back(job_turn{job, turn_, now, {}});
}

size_t fair_turns::ask(const sharing_job& job, time_point now) {
  auto& own = entry_of(job, now);
  own.job = job;
  own.heard_at = now;
  own.due = std::max(own.due, turn_ - most_credit);
  return static_cast<size_t>(
    std::count_if(jobs_.begin(), jobs_.end(), [&](auto& at) {
      return at.waits_until > now && is_before(at, own);
    }));
}

void fair_turns::took(const sharing_job& job) {
  auto& own = *find(job);
  turn_ = std::max(turn_, own.due);
  own.due += 1;
  own.waits_until = {};
}

void fair_turns::gave_back(const sharing_job& job) {
  if (auto* own = find(job))
    own->due -= 1;
}

time_point
fair_turns::wait(const sharing_job& job, time_point now, time_point next) {
  auto& own = *find(job);
  for (auto& at : jobs_)
    if (at.waits_until > now && is_before(at, own))
      next = std::min(next, at.waits_until);
  own.waits_until = next + grace;
  return next;
}

std::vector<sharing_job> fair_turns::heard(time_point now) const {
  std::vector<sharing_job> result;
  for (auto& at : jobs_)
    if (at.heard_at + memory >= now)
      result.push_back(at.job);
  std::sort(result.begin(), result.end(), [](auto& one, auto& other) {
    return std::tie(one.name, one.id) < std::tie(other.name, other.id);
  });
  return result;
}

fair_turns fair_turns::restore(std::vector<job_turn> jobs, double turn) {
  fair_turns result;
  result.jobs_ = std::move(jobs);
  result.turn_ = turn;
  return result;
}

} // namespace sluice
