#include "pipeline/candidates.hpp"

#include "pipeline/api_access.hpp"

namespace sluice {

namespace {

/// The most batches to compare. If there are more, users make one decision for
/// all of them.
constexpr size_t most_held = 1'000;

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
look_at(run_match& match, const api_settings& api, const listed_run& run) {
  auto page = ask_first_page(api, run_ref{run.id, {}});
  if (!page)
    return page.error();
  if (page->verdict.outcome == read_outcome::ok)
    match.on_captures(run, *page);
  else
    match.on_no_captures(run);
  return {};
}

caf::error look_at_all(run_match& match, const api_settings& api) {
  while (auto run = match.next_candidate())
    if (auto err = look_at(match, api, *run))
      return err;
  return {};
}

} // namespace

caf::expected<run_match>
find_candidates(decision_store& store, const api_settings& api) {
  auto held = store.held_submits(most_held);
  if (!held)
    return held.error();
  run_match match{std::move(*held)};
  for (auto& robot : match.robots()) {
    auto runs = unknown_runs(store, api, robot);
    if (!runs)
      return runs.error();
    match.on_list(std::move(*runs));
    if (auto err = look_at_all(match, api))
      return err;
  }
  return match;
}

} // namespace sluice
