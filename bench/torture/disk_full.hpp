// A disk that fills up repeatedly. Each time the program reports it and ends,
// the disk is enlarged, until the job fits.

#pragma once

#include "bench/torture/job.hpp"
#include "bench/torture/report.hpp"
#include "bench/torture/small_disk.hpp"

namespace sluice::torture {

/// The size of the disk at the start.
inline constexpr uint64_t first_disk_size = 256 << 10;

/// False, with a failed check, if the program did not end as it should.
[[nodiscard]] bool fill_disk(small_disk& disk, const job& subject, report& out);

} // namespace sluice::torture
