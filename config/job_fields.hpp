// The specs of every key of a config file: the one place that describes them.

#pragma once

#include "config/fields.hpp"

#include <span>

namespace sluice::config {

/// A section whose children are all keys of a config file. Each sink type
/// brings its own; `type` and `name` are common to all.
[[nodiscard]] field job_fields(std::span<const sink_spec> sinks);

} // namespace sluice::config
