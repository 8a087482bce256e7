// SIGINT, SIGTERM and SIGHUP: the first asks for an ordered stop, a second one
// ends the process at once. Signals within half a second count as the first,
// because `timeout` and other wrappers signal their child and then the whole
// group. A second SIGHUP never ends the process: the shell and the kernel each
// send one when a terminal closes. The ledger is safe either way.

#pragma once

#include <chrono>

namespace sluice {

/// Whether the signal `number`, this long after the first one, ends the process
/// at once.
[[nodiscard]] bool
ends_at_once(int number, std::chrono::milliseconds after_first) noexcept;

/// Installs the handlers, and ignores SIGPIPE: a write fails instead when the
/// reader is gone. If SIGHUP is ignored at the start, as under `nohup`, it
/// stays ignored.
void catch_interrupts();

/// True after the first signal.
[[nodiscard]] bool interrupted() noexcept;

} // namespace sluice
