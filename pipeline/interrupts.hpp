// SIGINT and SIGTERM: the first asks for the ordered stop, a second one ends
// the process at once. What follows within half a second belongs to the first:
// `timeout` and other wrappers signal their child and then the whole group.
// The ledger is safe either way.

#pragma once

namespace sluice {

/// Installs the handlers, and ignores SIGPIPE: a reader that goes away shows
/// as a failed write.
void catch_interrupts();

/// True once the first signal came.
[[nodiscard]] bool interrupted() noexcept;

} // namespace sluice
