// The statements that create a ledger, of each format that is still known.

#pragma once

#include <cstdint>

namespace sluice {

/// Several statements, to be run in an empty database within a transaction.
/// REQUIRES: earliest_ledger_format <= format <= ledger_format.
[[nodiscard]] const char* ledger_tables(int64_t format);

} // namespace sluice
