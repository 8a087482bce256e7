// A job whose files or addresses have moved: whether it is still the same job,
// and what has moved.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/job_identity.hpp"

#include <span>
#include <string>
#include <vector>

namespace sluice {

struct sink_relocation {
  std::string from;   ///< its name in the ledger
  std::string to;     ///< its name in the config
  bool moved = false; ///< its files or its address are others
  /// Only because the ledger's folder is another one.
  bool with_folder = false;
};

struct relocation {
  std::vector<sink_relocation> sinks; ///< all of the job, as `now` has them
  bool api_moved = false;
};

/// How a job that is tied to `bound` becomes one that is tied to `now`. A sink
/// under a new name is the one that is missing. Pure. Errors: ec::usage for
/// what does not move: another robot, profile or form of a sink, one sink more
/// or less, names that fit in several ways.
[[nodiscard]] caf::expected<relocation>
relocation_between(const job_identity& bound, const job_identity& now,
                   std::span<const config::sink_spec> specs);

} // namespace sluice
