// The result of checking something outside the program before a job runs: what
// `check --online` prints.

#pragma once

#include <string>

namespace sluice {

enum class probe_state {
  ok,
  warning, ///< a job may run into trouble, or the check was inconclusive
  failure, ///< a job would not run
};

struct probe_result {
  probe_state state = probe_state::ok;
  /// The finding; if it is not ok, also what to do. Printable.
  std::string text;
};

} // namespace sluice
