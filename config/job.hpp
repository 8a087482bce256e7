// A whole config file: the specs of its keys, and the settings that their
// values become. Each section has a source (job_sections.hpp); job.cpp has the
// keys outside of sections.

#pragma once

#include "config/checked_job.hpp"

#include <span>

namespace sluice::config {

/// A section whose children are all the keys of a config file. Each sink type
/// adds its own keys; `type` and `name` are common to all.
[[nodiscard]] field job_fields(std::span<const sink_spec> sinks);

/// All settings. Do not use the result if findings were added.
[[nodiscard]] settings build_settings(const checked_job& job);

} // namespace sluice::config
