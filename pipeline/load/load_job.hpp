// `sluice load`: captures that were paid for, in files that a file sink wrote,
// go into a sink of a config. Needs no key, sends the API nothing, and neither
// reads nor changes the job's ledger; only its name, which names the load's
// state.

#pragma once

#include "config/settings.hpp"
#include "pipeline/report/terminal.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sluice {

struct load_request {
  std::string sink;               ///< its name in the config
  std::vector<std::string> files; ///< as given
  output_style output{};
  /// False once the user has asked to stop.
  std::function<bool()> goes_on;
};

/// Loads what is left, and writes the result to standard error. Returns the
/// exit code.
[[nodiscard]] int run_load(const settings& config, const load_request& request);

} // namespace sluice
