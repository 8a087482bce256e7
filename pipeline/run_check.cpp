#include "pipeline/run_check.hpp"

#include "pipeline/api_access.hpp"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

/// Whether the API itself says that there is no such run.
bool is_unknown(const read_verdict& verdict) {
  constexpr std::array statuses{400, 404, 410, 422};
  return verdict.outcome == read_outcome::gone
         && std::count(statuses.begin(), statuses.end(), verdict.status) > 0;
}

} // namespace

caf::error check_run(const api_settings& api, const std::string& run_id) {
  auto reply = ask_status(api, run_ref{run_id, {}});
  if (!reply)
    return reply.error();
  auto& verdict = reply->verdict;
  if (verdict.outcome == read_outcome::ok)
    return {};
  if (is_unknown(verdict))
    return make_error(ec::usage, "the API does not know run "
                                   + printable(run_id) + ": "
                                   + verdict.message);
  auto refused = verdict.outcome == read_outcome::stop_job
                 || verdict.outcome == read_outcome::gone;
  return make_error(refused ? ec::api_refused : ec::unavailable,
                    "cannot ask the API whether run " + printable(run_id)
                      + " exists: " + verdict.message
                      + "; nothing was changed, try again");
}

} // namespace sluice
