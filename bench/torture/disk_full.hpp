// A disk that gets full again and again: whenever the program says so and
// ends, the disk gets a little larger, until the job fits.

#pragma once

#include "bench/torture/job.hpp"
#include "bench/torture/report.hpp"
#include "bench/torture/small_disk.hpp"

namespace sluice::torture {

/// What the disk holds when a job is written onto it.
inline constexpr uint64_t first_disk_size = 256 << 10;

/// False, and a failed check, when the program ended as it must not.
[[nodiscard]] bool fill_disk(small_disk& disk, const job& subject, report& out);

} // namespace sluice::torture
