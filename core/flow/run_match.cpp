#include "core/flow/run_match.hpp"

#include "core/flow/coverage.hpp"
#include "core/model/batch.hpp"
#include "core/model/run.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// How far the API's clock may differ from ours.
constexpr int64_t clock_tolerance_ms = 10 * 60'000;

template <class Texts>
std::vector<std::string_view> sorted(const Texts& texts) {
  std::vector<std::string_view> result{texts.begin(), texts.end()};
  std::sort(result.begin(), result.end());
  return result;
}

bool all_are_of(const held_submit& batch, const listed_page& page) {
  coverage urls{batch.urls};
  std::string scratch;
  return std::all_of(
    page.captures.begin(), page.captures.end(), [&](auto capture) {
      return urls.mark(capture_url(page.text(), capture.url, scratch));
    });
}

} // namespace

bool run_match::may_be(const held_submit& batch, const listed_run& run) {
  return !run.robot || *run.robot == batch.robot;
}

std::set<std::string> run_match::robots() const {
  std::set<std::string> result;
  for (auto& batch : held_)
    result.insert(batch.robot);
  return result;
}

void run_match::on_list(std::vector<listed_run> candidates) {
  for (auto& run : candidates) {
    if (by_list(run) || taken_ == most_candidates)
      continue;
    ++taken_;
    candidates_.push_back(std::move(run));
  }
}

/// Returns false if the list does not contain the run's URLs.
bool run_match::by_list(const listed_run& run) {
  if (!run.urls)
    return false;
  auto listed = sorted(*run.urls);
  for (auto& batch : held_)
    if (may_be(batch, run) && sorted(batch.urls) == listed)
      own_[batch.key].insert(run.id);
  return true;
}

std::optional<listed_run> run_match::next_candidate() {
  if (candidates_.empty())
    return std::nullopt;
  auto run = std::move(candidates_.front());
  candidates_.pop_front();
  return run;
}

void run_match::on_captures(const listed_run& run, const listed_page& page) {
  if (page.captures.empty())
    return on_no_captures(run);
  for (auto& batch : held_)
    if (may_be(batch, run) && all_are_of(batch, page))
      own_[batch.key].insert(run.id);
}

void run_match::on_no_captures(const listed_run& run) {
  unknown_.push_back(run.id);
}

std::set<std::string> run_match::own_of(batch_key batch) const {
  auto own = own_.find(batch);
  return own == own_.end() ? std::set<std::string>{} : own->second;
}

std::vector<run_match::found> run_match::certain() const {
  std::map<std::string, size_t> claims;
  for (auto& [batch, runs] : own_)
    for (auto& run : runs)
      ++claims[run];
  std::vector<found> result;
  for (auto& batch : held_) {
    auto own = own_.find(batch.key);
    if (own != own_.end() && own->second.size() == 1
        && claims[*own->second.begin()] == 1)
      result.push_back({batch, *own->second.begin()});
  }
  return result;
}

bool began_before(const run_status& run, const held_submit& batch) noexcept {
  return run.started_at_ms
         && *run.started_at_ms < batch.submitted_at_ms - clock_tolerance_ms;
}

} // namespace sluice
