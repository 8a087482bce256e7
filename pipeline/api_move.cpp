#include "pipeline/api_move.hpp"

#include "core/base/job_command.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/run_check.hpp"

namespace sluice {

namespace {

constexpr size_t runs_asked = 5; // some may have expired

caf::error knows_none(const std::vector<std::string>& runs) {
  std::string names;
  for (auto& run : runs)
    names += (names.empty() ? "" : ", ") + printable(run);
  return make_error(
    ec::usage, "the API does not know "
                 + std::string{runs.size() == 1 ? "run " : "the runs "} + names
                 + ". If this is a different API, change 'api.base_url' back. "
                   "If it is the same API and has forgotten its runs, let `"
                 + job_command("run")
                 + "` find that out at the old address first. Nothing was "
                   "changed");
}

} // namespace

caf::error api_move::check() {
  auto open = store_.open_runs();
  if (!open)
    return open.error();
  auto done = store_.delivered_runs(runs_asked);
  if (!done)
    return done.error();
  std::vector<std::string> runs;
  for (size_t i = 0; i < open->size() && i < runs_asked; ++i)
    runs.push_back((*open)[i].run.id);
  auto known = find_known(runs.empty() ? done->names : runs);
  if (!known)
    return known.error();
  // The API may have forgotten a finished run.
  if (known->empty() && !runs.empty())
    return knows_none(runs);
  text_ = "api: the job continues at " + printable(api_.profile->base);
  if (!known->empty())
    text_ += ", which knows run " + printable(*known);
  text_ += "\n";
  return known->empty() ? tell_unsure() : caf::error{};
}

/// The first run that the API knows; empty if it knows none.
caf::expected<std::string>
api_move::find_known(const std::vector<std::string>& runs) const {
  for (auto& run : runs) {
    auto err = check_run(api_, run);
    if (!err)
      return run;
    if (code_of(err) != ec::usage)
      return err;
  }
  return std::string{};
}

caf::error api_move::tell_unsure() {
  auto work = store_.work_in_hand(0);
  if (!work)
    return work.error();
  holds_unsure_ = work->unsure.batches > 0;
  if (holds_unsure_)
    text_ += "  holds " + counted(work->unsure.batches, "submit")
             + " without a reply: no run can show that it is the same API\n";
  if (holds_unsure_ || work->held.batches > 0)
    text_ += "  Held batches were submitted to the old address: look for their "
             "runs there\n";
  return {};
}

/// Called first, so that no submit is repeated if the process is killed before
/// the job is bound to the new address.
caf::error api_move::hold_unsure() {
  if (!holds_unsure_)
    return {};
  auto held = store_.hold_interrupted();
  return held ? caf::error{} : held.error();
}

} // namespace sluice
