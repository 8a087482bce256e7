#include "pipeline/outlook.hpp"

#include "actors/sinks/registry.hpp"
#include "core/job_command.hpp"
#include "core/ledger.hpp"
#include "core/ledger_lock.hpp"
#include "core/state_folder.hpp"
#include "pipeline/account.hpp"
#include "pipeline/continuing.hpp"
#include "pipeline/identity.hpp"
#include "pipeline/job_standing.hpp"
#include "pipeline/relocation.hpp"
#include "pipeline/successor_ledger.hpp"

#include <filesystem>

namespace sluice {

namespace {

outlook new_job(const settings& config) {
  if (auto err = check_first_start(config))
    return {{}, err};
  return {"a new job begins", {}};
}

outlook finished(ledger& store, const settings& config, const standing& now) {
  auto may_find = may_find_runs(store, config);
  if (auto err = find_list_refusal(
        store, config, may_find ? list_rule::as_bought : list_rule::finished);
      err && !may_find)
    return {{}, err};
  if (may_find)
    return {"the job goes on to look for the runs of its held batches: "
              + now.text(),
            {}};
  return {"the job is finished, with exit code "
            + std::to_string(exit_code_for(now.numbers, {}))
            + ", and does nothing; --again starts it anew",
          {}};
}

outlook continued(ledger& store, const settings& config) {
  if (auto err = store.check_bound(identity_of(config, sink_specs())))
    return {{}, err};
  auto now = standing_of(store);
  if (!now)
    return {{}, now.error()};
  if (is_finished(now->numbers))
    return finished(store, config, *now);
  if (auto err = find_list_refusal(store, config, list_rule::same))
    return {{}, err};
  if (auto err = check_sinks_kept(store, config))
    return {{}, err};
  return {"the job is continued: " + now->text(), {}};
}

} // namespace

outlook outlook_of(const settings& config) {
  if (auto err = successor_ledger::check_not_left(config.ledger))
    return {{}, err};
  std::error_code missing;
  auto size = std::filesystem::file_size(config.ledger, missing);
  if (missing || size == 0)
    return new_job(config);
  if (auto process = ledger_lock::holder(config.ledger))
    return {"the job is running, in process " + *process, {}};
  auto store = ledger::attach(config.ledger, state_folder());
  if (!store)
    return {{}, store.error()};
  if ((*store)->is_of_earlier_format())
    return {"the ledger is brought to the format of this version, and the job "
            "goes on",
            {}};
  if ((*store)->only_read())
    return {{}, (*store)->only_read()};
  auto imported = (*store)->is_imported();
  if (!imported)
    return {{}, imported.error()};
  return *imported ? continued(**store, config) : new_job(config);
}

std::string outlook_text(const settings& config) {
  auto found = outlook_of(config);
  return "`" + job_command("run") + "`: "
         + (found.refusal ? "refused: " + what_of(found.refusal) : found.will)
         + "\n";
}

} // namespace sluice
