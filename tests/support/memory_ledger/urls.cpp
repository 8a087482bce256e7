// Lists of batches, and the URLs in a state.

#include "core/base/url.hpp"
#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <algorithm>

namespace sluice::test {

namespace {

stuck_batch
stuck_as(const memory_batch& run, size_t urls, const std::string& reason) {
  return {run.batch.key,   static_cast<uint32_t>(urls), reason, run.run_id,
          run.batch.robot, run.submitted_at_ms};
}

std::string reason_of(const memory_batch& run, url_state state) {
  switch (state) {
    case url_state::captured:
      return {};
    case url_state::missing:
    case url_state::failed:
      return run.end->state;
    case url_state::pending:
      return std::string{name_of(run.state)};
    default:
      return run.reason.value_or("");
  }
}

int64_t submitted_at(const memory_batch& run) {
  return run.state == batch_state::planned ? 0 : run.submitted_at_ms;
}

/// The state of each URL; none if a later batch has it.
std::vector<std::optional<url_state>> states_of(const memory_batch& run) {
  std::vector<std::optional<url_state>> result;
  size_t missed = 0;
  for (size_t i = 0; i < run.urls(); ++i)
    if (run.is_covered(i)) {
      result.emplace_back(url_state::captured);
    } else {
      auto place = missed++;
      if (place < run.retried)
        result.emplace_back();
      else if (place < run.retried + run.to_retry)
        result.emplace_back(url_state::pending);
      else
        result.emplace_back(run.uncaptured());
    }
  return result;
}

url_place place_of(const memory_batch& run) {
  url_place place;
  place.batch = run.batch.key;
  place.robot = run.batch.robot;
  place.run_id = run.run_id;
  place.submitted_at_ms = submitted_at(run);
  place.urls = run.urls();
  place.captures = run.paging.captures;
  return place;
}

} // namespace

std::vector<stuck_batch> memory_ledger::stuck(
  size_t limit,
  const std::function<std::optional<stuck_batch>(const memory_batch&)>& listed)
  const {
  std::vector<stuck_batch> result;
  for (auto& [key, run] : job_->batches)
    if (auto found = listed(run); found && result.size() < limit)
      result.push_back(*found);
  return result;
}

caf::expected<std::vector<stuck_batch>>
memory_ledger::held_batches(size_t limit) {
  return stuck(limit, [](const memory_batch& run) {
    return run.state == batch_state::held
             ? std::optional{stuck_as(run, run.urls(), run.reason.value_or(""))}
             : std::nullopt;
  });
}

caf::expected<std::vector<stuck_batch>>
memory_ledger::set_aside_runs(size_t limit) {
  return stuck(limit, [](const memory_batch& run) {
    return run.state == batch_state::set_aside
             ? std::optional{stuck_as(run, run.urls(), run.reason.value_or(""))}
             : std::nullopt;
  });
}

caf::expected<std::vector<stuck_batch>>
memory_ledger::rejected_batches(size_t limit) {
  return stuck(limit, [](const memory_batch& run) {
    return run.state == batch_state::rejected && run.left() > 0
             ? std::optional{stuck_as(run, run.left(), run.reason.value_or(""))}
             : std::nullopt;
  });
}

caf::expected<std::vector<stuck_batch>>
memory_ledger::failed_batches(size_t limit) {
  return stuck(
    limit, [](const memory_batch& run) -> std::optional<stuck_batch> {
      if (run.state != batch_state::done || run.left() == 0
          || run.end->outcome == run_outcome::completed)
        return std::nullopt;
      auto outcome = run.end->outcome == run_outcome::lost
                       ? std::string{}
                       : std::string{name_of(run.end->outcome)} + ": ";
      return stuck_as(run, run.left(), outcome + run.end->state);
    });
}

caf::error
memory_ledger::each_url(url_state state,
                        const std::function<bool(const listed_url&)>& visit) {
  if (state == url_state::invalid)
    for (auto& record : job_->invalid)
      if (!visit({record.text, record.reason, {}, 0}))
        return {};
  for (auto& [key, run] : job_->batches) {
    if (run.state == batch_state::split)
      continue;
    auto states = states_of(run);
    auto reason = reason_of(run, state);
    for (size_t i = 0; i < states.size(); ++i)
      if (states[i] == state
          && !visit({run.batch.urls[i], reason, run.run_id, submitted_at(run)}))
        return {};
  }
  return {};
}

caf::expected<std::vector<std::string>>
memory_ledger::first_urls(batch_key batch, size_t most) {
  std::vector<std::string> result;
  auto* found = find(batch);
  if (found != nullptr && found->state != batch_state::split)
    for (size_t i = 0; i < found->urls() && i < most; ++i)
      result.emplace_back(found->batch.urls[i]);
  return result;
}

caf::expected<std::vector<url_place>>
memory_ledger::find_url(std::string_view url, size_t limit) {
  std::vector<url_place> places;
  for (auto& [key, run] : job_->batches) {
    auto states = states_of(run);
    for (size_t i = 0; i < states.size(); ++i) {
      if (run.batch.urls[i] != url)
        continue;
      auto place = place_of(run);
      place.given_up = run.state == batch_state::split;
      // One that was halved for its size has neither a run nor a reason.
      if (place.given_up && run.run_id.empty() && !run.reason)
        continue;
      if (!place.given_up && states[i]) {
        place.state = states[i];
        place.reason = reason_of(run, *states[i]);
      }
      if (places.size() < limit)
        places.push_back(place);
    }
  }
  return places;
}

caf::expected<std::optional<std::string>>
memory_ledger::find_spelling(std::string_view url) {
  auto wanted = normal_form(url);
  for (auto& [key, run] : job_->batches)
    if (run.state != batch_state::split)
      for (auto other : run.batch.urls)
        if (other != url && normal_form(other) == wanted)
          return std::optional{std::string{other}};
  return std::optional<std::string>{};
}

} // namespace sluice::test
