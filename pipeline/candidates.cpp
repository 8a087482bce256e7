#include "pipeline/candidates.hpp"

#include "pipeline/api_access.hpp"

#include <set>

namespace sluice {

namespace {

/// Batches that are compared; more are decided about together anyway.
constexpr size_t most_held = 1'000;

constexpr size_t most_looked_at = 20;

caf::expected<std::vector<listed_run>> unknown_runs(decision_store& store,
                                                    const api_settings& api,
                                                    const std::string& robot) {
  auto reply = ask_runs(api, robot);
  if (!reply)
    return reply.error();
  if (reply->verdict.outcome != read_outcome::ok)
    return make_error(ec::unavailable, reply->verdict.message);
  std::vector<listed_run> result;
  for (auto& run : reply->runs) {
    auto known = store.knows_run(run.id);
    if (!known)
      return known.error();
    if (!*known)
      result.push_back(std::move(run));
  }
  return result;
}

caf::error
look_at(candidates& found, const api_settings& api, const listed_run& run) {
  auto page = ask_first_page(api, run_ref{run.id, {}});
  if (!page)
    return page.error();
  if (page->verdict.outcome != read_outcome::ok || page->captures.empty())
    found.unknown.push_back(run.id);
  else
    found.match.by_captures(run, *page);
  return {};
}

} // namespace

caf::expected<candidates>
find_candidates(decision_store& store, const api_settings& api) {
  auto held = store.held_submits(most_held);
  if (!held)
    return held.error();
  std::set<std::string> robots;
  for (auto& batch : *held)
    robots.insert(batch.robot);
  candidates result{run_match{std::move(*held)}, {}};
  size_t looked_at = 0;
  for (auto& robot : robots) {
    auto runs = unknown_runs(store, api, robot);
    if (!runs)
      return runs.error();
    for (auto& run : *runs)
      if (!result.match.by_list(run) && looked_at++ < most_looked_at)
        if (auto err = look_at(result, api, run))
          return err;
  }
  return result;
}

} // namespace sluice
