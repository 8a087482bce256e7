// Kills at named points. A program built with SLUICE_CRASH_POINTS kills itself
// when it reaches one for the n-th time (core/base/crash_point.hpp).

#pragma once

#include "bench/torture/job.hpp"
#include "bench/torture/report.hpp"

#include <string>
#include <vector>

namespace sluice::torture {

/// The names of the program's crash points; empty if it was built without.
[[nodiscard]] std::vector<std::string>
crash_points_of(const std::string& program);

/// Crashes the job at every point, on each pass in `passes`, one after another.
/// False, with a failed check, if the program did not end as it should.
[[nodiscard]] bool
crash_everywhere(const job& subject, const std::vector<std::string>& points,
                 const std::vector<unsigned>& passes, report& out);

} // namespace sluice::torture
