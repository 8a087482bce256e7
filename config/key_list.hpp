// Every key of a config file, flat: what completions and the manual page
// iterate.

#pragma once

#include "config/fields.hpp"

#include <span>
#include <string>
#include <vector>

namespace sluice::config {

struct listed_key {
  std::string path; ///< `api.burst`; `sinks[0].path` for a sink's
  field spec;       ///< without its children
  std::string of;   ///< the type of sink that has it; empty: not a sink's
};

/// In the order of the reference page, sections replaced by their keys.
[[nodiscard]] std::vector<listed_key>
list_keys(std::span<const sink_spec> sinks);

} // namespace sluice::config
