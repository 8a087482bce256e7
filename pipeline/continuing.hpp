// What happens before a job is continued, or replaced by a new one: checks
// whether its lists are still those it began with, and prints what the user
// should know.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"
#include "core/model/account.hpp"

#include <string>

namespace sluice {

/// How to treat lists that would yield different URLs.
enum class list_rule {
  same,      ///< an unfinished job is not continued
  as_bought, ///< it continues with the URLs it has, as the user wants
  finished,  ///< the job is over, and the user may mean a new one
};

/// The rule for a start. An unfinished retry keeps the URLs that the job began
/// with; so does a job that is to `go_on`, whatever its lists are now.
[[nodiscard]] list_rule list_rule_of(const account& numbers, bool go_on);

/// Reports missing lists and files that a sink refuses, before a job gets a
/// ledger or loses the one it had. Changes nothing.
[[nodiscard]] caf::error check_first_start(const settings& config);

/// Whether there are held batches and a way to look for their runs.
[[nodiscard]] bool may_find_runs(decision_store& store, const settings& config);

/// Compares the lists that `config` names with those that were read. Logs which
/// cannot be compared. Errors: ec::usage, with the ways to continue, if `rule`
/// refuses a change (`same` also refuses unreadable lists); ec::interrupted,
/// and the ledger's.
[[nodiscard]] caf::error
check_lists(ledger& store, const settings& config, list_rule rule);

/// What `check_lists` would refuse; changes and logs nothing.
[[nodiscard]] caf::error
find_list_refusal(ledger& store, const settings& config, list_rule rule);

/// Prints one line to standard error, at any log level: that the job is
/// continued, when it began and how far along it is. Errors: the ledger's.
[[nodiscard]] caf::error announce_continued(ledger_reader& store);

/// Call before replacing an unfinished job. Removes what its last process wrote
/// after its last checkpoint, in sinks that the new job also has. The new job
/// would take that for foreign data and append to a torn line or frame. The old
/// job can still be continued. Errors: those of the sinks and the ledger.
[[nodiscard]] caf::error
cut_sinks_back(job_store& store, const settings& config);

/// The ledger's state, and what would be left behind although it is or may be
/// paid for. Each line ends with a line break.
[[nodiscard]] caf::expected<std::string>
leaving_text(ledger_reader& store, const settings& config);

} // namespace sluice
