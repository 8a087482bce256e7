// A job whose files or addresses have moved: whether it is still the same job,
// whether each file is the one that the ledger knows, and how the ledger is
// tied to the new places.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"

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

/// Ties the job to what `config` says, in one transaction, and says line by
/// line what has become of each sink. Every file must be the one that the
/// ledger knows, but those of the sinks named in `lost`, which are given up.
/// Where the API's address is another, it must know an open run, or else one
/// that is done; with none to ask, submits without a reply are held. REQUIRES:
/// `store` came from `open_ledger`. Errors: ec::usage, ec::disk with all files
/// that are not as they should be, the API's, and the ledger's; nothing is
/// changed then.
[[nodiscard]] caf::expected<std::string>
relocate(ledger& store, const settings& config,
         const std::vector<std::string>& lost);

/// What `relocate` would refuse; nothing is changed, and `store` may be one of
/// an earlier format.
[[nodiscard]] caf::error check_relocation(ledger& store, const settings& config,
                                          const std::vector<std::string>& lost);

} // namespace sluice
