// SIGINT, SIGTERM and SIGHUP: the first asks for the ordered stop, a second one
// ends the process at once. What follows within half a second belongs to the
// first: `timeout` and other wrappers signal their child and then the whole
// group. A second SIGHUP never ends it: the shell and the kernel each send one
// when a terminal closes. The ledger is safe either way.

#pragma once

#include <chrono>

namespace sluice {

/// Whether the signal `number`, which comes so long after the first one, ends
/// the process at once.
[[nodiscard]] bool
ends_at_once(int number, std::chrono::milliseconds after_first) noexcept;

/// Installs the handlers, and ignores SIGPIPE: a reader that goes away shows
/// as a failed write. A SIGHUP that is ignored at the start, as `nohup` has it,
/// stays ignored.
void catch_interrupts();

/// True once the first signal came.
[[nodiscard]] bool interrupted() noexcept;

} // namespace sluice
