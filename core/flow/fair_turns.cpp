#include "core/flow/fair_turns.hpp"

#include "core/base/digest.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

namespace sluice {

namespace {

/// Far more than any bucket grants; a double still counts single tokens here.
constexpr double most_due = 1e12;

bool has_ended(const job_turn& at, time_point now) {
  return std::max(at.heard_at + fair_turns::memory, at.waits_until) < now;
}

/// Keeps sums of times within their range.
bool is_possible_turn(const job_turn& at) {
  constexpr time_point latest{duration::max() / 2};
  return std::abs(at.due) <= most_due && at.heard_at >= time_point{}
         && at.heard_at <= latest && at.waits_until >= time_point{}
         && at.waits_until <= at.heard_at + fair_turns::longest_wait;
}

/// Where the next whole UTF-8 character begins.
size_t next_character(std::string_view text) {
  auto begins = [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; };
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), begins)
                             - text.begin());
}

} // namespace

sharing_job sharing_job_of(std::string_view config_file,
                           std::string_view ledger, double per_second) {
  sharing_job job;
  job.per_second = per_second;
  if (config_file.size() > most_job_name) {
    constexpr std::string_view mark = "…";
    config_file.remove_prefix(config_file.size() + mark.size() - most_job_name);
    auto cut = config_file.find('/');
    config_file.remove_prefix(
      cut != config_file.npos ? cut : next_character(config_file));
    job.name = mark;
  }
  job.name += config_file;
  auto digest = sha256({ledger});
  for (size_t i = 0; i < sizeof job.id; ++i)
    job.id = job.id << 8 | digest[i];
  return job;
}

job_turn* fair_turns::find(const sharing_job& job) noexcept {
  auto found = std::find_if(jobs_.begin(), jobs_.end(),
                            [&](auto& at) { return at.job.id == job.id; });
  return found == jobs_.end() ? nullptr : &*found;
}

job_turn& fair_turns::entry_of(const sharing_job& job) noexcept {
  auto* own = find(job);
  return own ? *own : jobs_[job.id % jobs_.size()];
}

void fair_turns::add(const sharing_job& job, time_point now) {
  std::erase_if(jobs_, [&](auto& at) { return has_ended(at, now); });
  if (auto* known = find(job))
    known->job = job;
  else if (jobs_.size() < most_jobs)
    jobs_.push_back({job, turn_, now, {}});
}

bool fair_turns::is_ahead(const job_turn& at, const job_turn& own,
                          time_point now) noexcept {
  // Ties go to the lower id, so that two jobs never wait for each other.
  return at.waits_until > now && at.job.per_second == own.job.per_second
         && std::tie(at.due, at.job.id) < std::tie(own.due, own.job.id);
}

std::vector<time_point>
fair_turns::ask(const sharing_job& job, time_point now) {
  add(job, now);
  auto& own = entry_of(job);
  own.heard_at = now;
  own.due = std::clamp(own.due, turn_ - most_credit, turn_ + 1);
  std::vector<time_point> asks;
  for (auto& at : jobs_)
    if (is_ahead(at, own, now))
      asks.push_back(at.waits_until - grace);
  std::sort(asks.begin(), asks.end());
  return asks;
}

void fair_turns::took(const sharing_job& job) {
  auto& own = entry_of(job);
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
  auto& own = entry_of(job);
  next = std::min(next, now + longest_wait - grace);
  for (auto& at : jobs_)
    if (is_ahead(at, own, now))
      next = std::min(next, at.waits_until);
  own.waits_until = next + grace;
  return next;
}

size_t fair_turns::waiting(time_point now) const noexcept {
  return static_cast<size_t>(
    std::count_if(jobs_.begin(), jobs_.end(),
                  [&](auto& at) { return at.waits_until > now; }));
}

std::vector<sharing_job> fair_turns::heard(time_point now) const {
  std::vector<sharing_job> result;
  for (auto& at : jobs_)
    if (!has_ended(at, now))
      result.push_back(at.job);
  std::sort(result.begin(), result.end(), [](auto& one, auto& other) {
    return std::tie(one.name, one.id) < std::tie(other.name, other.id);
  });
  return result;
}

fair_turns fair_turns::restore(std::vector<job_turn> jobs, double turn) {
  fair_turns result;
  if (!(std::abs(turn) <= most_due) || jobs.size() > most_jobs
      || !std::all_of(jobs.begin(), jobs.end(), is_possible_turn))
    return result;
  result.jobs_ = std::move(jobs);
  result.turn_ = turn;
  return result;
}

} // namespace sluice
