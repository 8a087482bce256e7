#include "pipeline/outlook.hpp"

#include "actors/sinks/registry.hpp"
#include "config/identity.hpp"
#include "core/base/job_command.hpp"
#include "core/base/state_folder.hpp"
#include "core/ledger/ledger.hpp"
#include "core/ledger/ledger_files.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "core/model/account.hpp"
#include "pipeline/continuing.hpp"
#include "pipeline/moved_folder.hpp"
#include "pipeline/report/account.hpp"
#include "pipeline/report/job_limits.hpp"
#include "pipeline/report/job_standing.hpp"
#include "pipeline/successor_ledger.hpp"

#include <filesystem>

namespace sluice {

namespace {

outlook new_job(const settings& config) {
  if (auto err = check_first_start(config))
    return {{}, err};
  return {"a new job begins", {}};
}

/// The error if a plain start would refuse the lists. `may_find`: it would
/// continue the job, to look for the runs of held batches.
caf::error list_refusal(ledger& store, const settings& config,
                        const account& numbers, bool may_find = false) {
  auto rule = list_rule_of(numbers, may_find);
  return rule == list_rule::as_bought ? caf::error{}
                                      : find_list_refusal(store, config, rule);
}

outlook finished(ledger& store, const settings& config, const standing& now) {
  auto may_find = may_find_runs(store, config);
  if (auto err = list_refusal(store, config, now.numbers, may_find))
    return {{}, err};
  if (may_find)
    return {"the job is continued, to look for the runs of its held batches: "
              + now.text(),
            {}};
  return {"the job is finished with exit code "
            + std::to_string(exit_code_for(now.numbers, {}))
            + ", so there is nothing to do; --again starts it over",
          {}};
}

outlook continued(ledger& store, const settings& config) {
  auto now = standing_of(store);
  if (!now)
    return {{}, now.error()};
  if (is_finished(now->numbers))
    return finished(store, config, *now);
  if (auto err = list_refusal(store, config, now->numbers))
    return {{}, err};
  if (auto err = check_sinks_kept(store, config))
    return {{}, err};
  auto used_up = credits_used_up(store, config);
  if (!used_up)
    return {{}, used_up.error()};
  return {"the job is continued: " + now->text()
            + (used_up->empty() ? "" : "; but " + *used_up),
          {}};
}

outlook of_ledger(ledger& store, const settings& config) {
  if (store.is_of_earlier_format())
    return {"the ledger is first converted to this version's format; what "
            "follows is known only then",
            {}};
  if (store.only_read())
    return {{}, store.only_read()};
  auto left = successor_ledger::is_left(store, config.ledger);
  if (!left)
    return {{}, left.error()};
  if (*left)
    return {{}, successor_ledger::left_error(config.ledger)};
  if (auto err = store.check_bound(identity_of(config, sink_specs())))
    return {{}, err};
  auto imported = store.is_imported();
  if (!imported)
    return {{}, imported.error()};
  return *imported ? continued(store, config) : new_job(config);
}

/// True if the process was killed between the renames of the two ledgers.
bool is_to_be_completed(const std::filesystem::path& successor) {
  auto next = attach_ledger(successor);
  auto imported = next ? (*next)->is_imported() : next.error();
  return imported && *imported;
}

} // namespace

outlook outlook_of(const settings& config) {
  if (auto err = successor_ledger::check_not_left(config.ledger))
    return {{}, err};
  auto file = config.ledger;
  std::error_code missing;
  if (auto next = successor_of(ledger_lock::one_name_of(file));
      !std::filesystem::exists(file, missing) && is_to_be_completed(next))
    file = next;
  auto size = std::filesystem::file_size(file, missing);
  if (missing || size == 0)
    return new_job(config);
  if (auto process = ledger_lock::holder(config.ledger))
    return {"the job is running, in process " + *process, {}};
  auto store = attach_ledger(file, state_folder());
  return store ? of_ledger(**store, config) : outlook{{}, store.error()};
}

std::string outlook_text(const settings& config) {
  auto found = outlook_of(config);
  return "`" + job_command("run") + "`: "
         + (found.refusal ? "refused: " + what_of(found.refusal) : found.will)
         + "\n";
}

} // namespace sluice
