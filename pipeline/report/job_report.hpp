// What `run` prints at its end and `status` at any time: the account, the work
// done, the batches that need a decision. For people and for programs.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/job_store.hpp"
#include "core/model/account.hpp"
#include "pipeline/report/account.hpp"
#include "pipeline/report/json_members.hpp"

#include <functional>
#include <string>

namespace sluice {

struct job_report {
  std::string job;    ///< the config's name for it
  std::string job_id; ///< the ledger's
  bool imported = false;
  account numbers;
  account_context context;
};

/// The maximum length of each list in a report for programs.
inline constexpr size_t listed_for_programs = 1'000;

/// Reads the ledger; `listed` bounds each list of batches and records.
[[nodiscard]] caf::expected<job_report>
read_job_report(job_store& store, const settings& config, size_t listed);

/// One JSON object and a line break, as `status --json` prints it.
[[nodiscard]] std::string report_json(const job_report& report);

/// The same, with the members that `more` writes.
[[nodiscard]] std::string
report_json(const job_report& report,
            const std::function<void(json_writer&)>& more);

} // namespace sluice
