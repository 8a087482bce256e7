// A flat list of all keys of a config file, for completions and the manual
// page.

#pragma once

#include "config/fields.hpp"

#include <span>
#include <string>
#include <vector>

namespace sluice::config {

struct listed_key {
  std::string path; ///< `api.burst`; `sinks[0].path` for a sink's
  field spec;       ///< without its children
  std::string of;   ///< the sink type it belongs to; empty: not a sink's
};

/// All keys in the order of the reference page. Sections are replaced by their
/// keys.
[[nodiscard]] std::vector<listed_key>
list_keys(std::span<const sink_spec> sinks);

} // namespace sluice::config
