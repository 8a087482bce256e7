// The specs of all keys of a config file; no other place describes them.

#pragma once

#include "config/fields.hpp"

#include <span>

namespace sluice::config {

/// A section whose children are all the keys of a config file. Each sink type
/// adds its own keys; `type` and `name` are common to all.
[[nodiscard]] field job_fields(std::span<const sink_spec> sinks);

} // namespace sluice::config
