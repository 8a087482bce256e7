// Compares a job's files and addresses with the config: whether it is still the
// same job, and what has moved. The decision behind relocate.hpp.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/job_binding.hpp"

#include <span>
#include <string>
#include <vector>

namespace sluice {

struct sink_relocation {
  std::string from;   ///< its name in the ledger
  std::string to;     ///< its name in the config
  bool moved = false; ///< its files or its address changed
  /// They moved only because the ledger's folder did.
  bool with_folder = false;
};

struct relocation {
  std::vector<sink_relocation> sinks; ///< all of the job's, as `now` has them
  bool api_moved = false;
};

/// The error for a change that is not a move. `what` is a sentence without its
/// full stop.
[[nodiscard]] caf::error no_move(const std::string& what);

/// How a job tied to `bound` becomes one tied to `now`. A sink with a new name
/// is taken for the one that is missing. Pure. Errors: ec::usage for changes
/// that are not moves: another robot, profile or form of a sink, an added or
/// missing sink, ambiguous names.
[[nodiscard]] caf::expected<relocation>
relocation_between(const job_binding& bound, const job_binding& now,
                   std::span<const config::sink_spec> specs);

} // namespace sluice
