// Compares what a file defines (tables, indexes, triggers) with what sluice
// defines. A ledger from a stranger must not contain code: a trigger, a view or
// an expression would run with each statement.

#pragma once

#include "core/db/sqlite.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// A statement without its comments and without white space that it does not
/// need; quoted text is unchanged.
[[nodiscard]] std::string bare_sql(std::string_view sql);

/// No error if `db` defines exactly what a ledger of `format` does, whether it
/// was created in that format or converted to it.
/// REQUIRES: the format is known.
/// Errors: ec::ledger_unusable, naming what differs.
[[nodiscard]] caf::error
check_ledger_objects(sqlite::database& db, int64_t format);

} // namespace sluice
