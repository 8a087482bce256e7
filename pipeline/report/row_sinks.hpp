// What the sinks that write rows have done, as committed: rows, dead letters,
// and for each column the captures that had no value for it. For people and for
// programs.

#pragma once

#include "actors/sinks/committed_rows.hpp"
#include "config/settings.hpp"
#include "core/ledger/job_store.hpp"
#include "pipeline/report/json_members.hpp"

#include <string>
#include <vector>

namespace sluice {

struct row_sink {
  std::string name;
  committed_rows done;
};

/// Those of the config, in its order. Left out are sinks that have no position
/// yet, and those that the config has in another form than the ledger: their
/// counts would get the names of other columns. Errors: the ledger's.
[[nodiscard]] caf::expected<std::vector<row_sink>>
row_sinks_of(job_store& store, const settings& config);

/// The lines of an account; empty if there is no such sink.
[[nodiscard]] std::string row_sinks_text(const std::vector<row_sink>& sinks);

/// The member `row_sinks` of a report.
void put_row_sinks(json_writer& out, const std::vector<row_sink>& sinks);

} // namespace sluice
