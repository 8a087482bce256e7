// Compares what a file defines (tables, indexes, triggers) with what sluice
// defines, so that a ledger from a stranger cannot bring code of its own: a
// trigger, a view or an expression would run with each statement.

#pragma once

#include "core/db/sqlite.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// A statement without its comments, and with no more white space than it
/// needs; what is in quotes stays as it is.
[[nodiscard]] std::string bare_sql(std::string_view sql);

/// Nothing when `db` defines exactly what a ledger of `format` does, whether
/// it was created in that format or brought to it.
/// REQUIRES: the format is known.
/// Errors: ec::ledger_unusable, naming what differs.
[[nodiscard]] caf::error
check_ledger_objects(sqlite::database& db, int64_t format);

} // namespace sluice
