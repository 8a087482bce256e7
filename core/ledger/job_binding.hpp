// What must stay the same for a job to be continued, as the ledger keeps it,
// and how that is compared with the config. Pure.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// Name and value of the robot, profile, base URL and each sink.
using job_binding = std::vector<std::pair<std::string, std::string>>;

/// The entry with the folder of the ledger. It may change: paths below it
/// may now be below a new one, because the whole folder was moved or copied.
inline constexpr std::string_view ledger_folder = "ledger.folder";

/// The entry with the id of the job that replaced this one. It is not
/// compared with the config.
inline constexpr std::string_view left_for_entry = "job.left_for";

/// Returns nullptr if there is no such entry. Valid as long as `identity`.
[[nodiscard]] const std::string*
value_in(const job_binding& identity, std::string_view name);

/// `bound` with those entries of `now` that mean the same in another form: the
/// ledger's folder, and paths that have moved with it.
[[nodiscard]] job_binding
carried_over(const job_binding& bound, const job_binding& now);

/// "robot was 'a' and is now 'b'; …", empty when nothing differs. A value that
/// was empty may differ.
[[nodiscard]] std::string
differences(const job_binding& bound, const job_binding& now);

} // namespace sluice
