// The tables of earlier ledger formats, as they were. They never change: a
// ledger is compared with them before it is migrated (ledger_formats.hpp).

#pragma once

namespace sluice {

extern const char* const format_3;
extern const char* const format_4;
extern const char* const format_5;

} // namespace sluice
