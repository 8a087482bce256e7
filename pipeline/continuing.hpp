// Before a job goes on, or is left for a new one: whether its lists are still
// those it was begun with, and what is said about it.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"
#include "core/model/account.hpp"

#include <string>

namespace sluice {

/// What lists that would bring other URLs mean.
enum class list_rule {
  same,      ///< an unfinished job does not go on
  as_bought, ///< it goes on with the URLs it has, as the user wants
  finished,  ///< the job is over, and the user may mean a new one
};

/// Which rule a start goes by. An unfinished retry has the URLs that the job
/// was begun with, as has a job that is to `go_on` whatever its lists are now.
[[nodiscard]] list_rule list_rule_of(const account& numbers, bool go_on);

/// Lists that are not there, and what a sink refuses of the files it finds:
/// known before a job has a ledger, or loses the one it had. Changes nothing.
[[nodiscard]] caf::error check_first_start(const settings& config);

/// There are held batches, and a way to look for their runs.
[[nodiscard]] bool may_find_runs(decision_store& store, const settings& config);

/// Compares the lists that `config` names with those that were read. Says
/// which cannot be compared. Errors: ec::usage, with the ways on, where `rule`
/// refuses what has changed (`same` refuses what cannot be read, too);
/// ec::interrupted, and the ledger's.
[[nodiscard]] caf::error
check_lists(ledger& store, const settings& config, list_rule rule);

/// What `check_lists` would refuse; changes and logs nothing.
[[nodiscard]] caf::error
find_list_refusal(ledger& store, const settings& config, list_rule rule);

/// Says in one line on standard error, whatever the log's level, that the job
/// is continued, when it began and how far it is. Errors: the ledger's.
[[nodiscard]] caf::error announce_continued(ledger_reader& store);

/// Before an unfinished job is left: removes from the sinks that the new job
/// has, too, what the old one's last process wrote behind its last checkpoint.
/// The new job would take it for somebody else's, and write behind a torn
/// line or frame. The old job may go on all the same. Errors: as of the
/// sinks, and the ledger's.
[[nodiscard]] caf::error cut_sinks_back(ledger& store, const settings& config);

/// What is paid for, or may be, and stays behind when the job is left, with
/// the ledger's state in front: lines that end with a line break.
[[nodiscard]] caf::expected<std::string>
leaving_text(ledger_reader& store, const settings& config);

} // namespace sluice
