// Runs the probes of `check --online`, all at once, each with a time limit.

#pragma once

#include "core/model/probe_result.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace sluice {

/// A result and its subject, which begins the printed line.
struct named_result {
  std::string subject;
  probe_result result;
};

/// "failure  key: the API refuses it; check api.key".
[[nodiscard]] std::string line_of(const named_result& named);

struct probe_task {
  std::string subject; ///< of the line if the time runs out
  std::chrono::milliseconds limit{10'000};
  /// Must not share anything that others change: it may still be running after
  /// its time limit, when its caller is gone.
  std::function<std::vector<named_result>()> run;
  probe_state when_late = probe_state::failure;
};

struct probe_report {
  bool failed = false;
  /// A probe did not end in time, and its thread may still be blocked in a
  /// system call, so the process must end without running destructors.
  bool abandoned = false;
};

/// Calls `show` for each result, in the order of `tasks`.
[[nodiscard]] probe_report
run_probes(std::vector<probe_task> tasks,
           const std::function<void(const named_result&)>& show);

} // namespace sluice
