// Kills at named points. A program built with SLUICE_CRASH_POINTS ends itself
// at the n-th pass of one (core/base/crash_point.hpp).

#pragma once

#include "bench/torture/job.hpp"
#include "bench/torture/report.hpp"

#include <string>
#include <vector>

namespace sluice::torture {

/// The names of the program's points, or none if it was built without.
[[nodiscard]] std::vector<std::string>
crash_points_of(const std::string& program);

/// Crashes the job at every point and each of the passes, one after another.
/// False, with a failed check, if the program did not end as it should.
[[nodiscard]] bool
crash_everywhere(const job& subject, const std::vector<std::string>& points,
                 const std::vector<unsigned>& passes, report& out);

} // namespace sluice::torture
