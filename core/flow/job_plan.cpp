#include "core/flow/job_plan.hpp"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

/// Larger runs are not advised: nobody knows how many URLs an API accepts per
/// request.
constexpr uint32_t most_urls_per_run = 5'000;

/// Advice must save at least this share of the time.
constexpr double least_gain = 0.05;

uint64_t quotient_up(uint64_t number, uint64_t divisor) {
  return number / divisor + (number % divisor == 0 ? 0 : 1);
}

uint64_t total_of(const urls_by_robot& urls) {
  uint64_t result = 0;
  for (auto& [robot, count] : urls)
    result += count;
  return result;
}

/// The fewest slots that limit the job no more than the tokens do.
uint32_t slots_enough(const time_plan& time, const plan_terms& terms) {
  auto floor = std::max({time.tokens, time.run, 1.0});
  auto wanted = std::ceil(time.slots * terms.max_concurrent / floor);
  return static_cast<uint32_t>(std::min(wanted, 100'000.0));
}

void add_if_faster(std::vector<plan_advice>& out, std::string key,
                   std::string value, const urls_by_robot& urls,
                   const plan_terms& changed, double before) {
  auto after = plan_time(urls, changed).least();
  if (after < before && after <= before * (1 - least_gain))
    out.push_back({std::move(key), std::move(value), after});
}

/// Captures per page or, if they come as a file, per run.
uint64_t captures_per_request(const plan_terms& terms) {
  return terms.download ? terms.urls_per_run : terms.page_size;
}

void advise_download(std::vector<plan_advice>& out, const urls_by_robot& urls,
                     const plan_terms& terms, double before) {
  auto changed = terms;
  changed.download = true;
  if (terms.can_download)
    add_if_faster(out, "captures.fetch", "download", urls, changed, before);
}

void advise_larger_runs(std::vector<plan_advice>& out,
                        const urls_by_robot& urls, const plan_terms& terms,
                        double before) {
  for (auto factor : {2U, 5U, 10U}) {
    auto changed = terms;
    changed.urls_per_run = terms.urls_per_run * factor;
    changed.run_seconds = terms.run_seconds * factor;
    if (changed.urls_per_run > most_urls_per_run)
      return;
    auto old = out.size();
    add_if_faster(out, "runs.urls_per_run",
                  std::to_string(changed.urls_per_run), urls, changed, before);
    // Only as large as necessary: a larger run is a larger loss if it fails.
    if (out.size() > old
        && plan_time(urls, changed).bound() != plan_bound::tokens)
      return;
  }
}

} // namespace

double time_plan::least() const noexcept {
  return std::max({tokens, slots, run});
}

plan_bound time_plan::bound() const noexcept {
  if (tokens >= slots && tokens >= run)
    return plan_bound::tokens;
  return slots > run ? plan_bound::slots : plan_bound::run;
}

request_plan plan_requests(const urls_by_robot& urls, const plan_terms& terms) {
  request_plan result;
  for (auto& [robot, count] : urls) {
    auto runs = quotient_up(count, terms.urls_per_run);
    result.submits += runs;
    result.polls += runs;
    auto captures = captures_per_request(terms);
    result.pages +=
      count / terms.urls_per_run * quotient_up(terms.urls_per_run, captures)
      + quotient_up(count % terms.urls_per_run, captures);
  }
  return result;
}

time_plan plan_time(const urls_by_robot& urls, const plan_terms& terms) {
  time_plan result;
  auto requests = plan_requests(urls, terms);
  if (terms.requests_per_minute > 0 && requests.total() > terms.burst)
    result.tokens = static_cast<double>(requests.total() - terms.burst) * 60
                    / terms.requests_per_minute;
  auto all = static_cast<double>(total_of(urls));
  auto full_runs = all / terms.urls_per_run;
  result.slots = full_runs * terms.run_seconds / terms.max_concurrent;
  result.run = terms.run_seconds * std::min(full_runs, 1.0);
  return result;
}

std::vector<plan_advice>
advise(const urls_by_robot& urls, const plan_terms& terms) {
  std::vector<plan_advice> result;
  auto now = plan_time(urls, terms);
  auto before = now.least();
  if (now.bound() == plan_bound::slots) {
    auto changed = terms;
    changed.max_concurrent = slots_enough(now, terms);
    add_if_faster(result, "runs.max_concurrent",
                  std::to_string(changed.max_concurrent), urls, changed,
                  before);
  }
  if (now.bound() == plan_bound::tokens) {
    advise_larger_runs(result, urls, terms, before);
    advise_download(result, urls, terms, before);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](auto& a, auto& b) { return a.seconds < b.seconds; });
  return result;
}

} // namespace sluice
