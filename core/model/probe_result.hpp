// What a look at something outside the program found, before a job is run.

#pragma once

#include <string>

namespace sluice {

enum class probe_state {
  ok,
  warning, ///< a job may run into trouble, or it cannot be told
  failure, ///< a job would not run
};

struct probe_result {
  probe_state state = probe_state::ok;
  /// What was found; when it is not ok, also what to do. Printable.
  std::string text;
};

} // namespace sluice
