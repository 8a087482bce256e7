// The data of the status page as JSON: one object per second, and the samples
// that precede the first.

#pragma once

#include "pipeline/serve/live_job.hpp"
#include "pipeline/serve/report_reader.hpp"

#include <string>

namespace sluice {

/// One object, no line break. `report` may be an error, `live` null.
[[nodiscard]] std::string live_json(const caf::expected<report_ptr>& report,
                                    const live_job* live,
                                    const settings& config);

/// An array of samples, each an array in the order of `live_sample`.
[[nodiscard]] std::string history_json(const live_job* live);

} // namespace sluice
