// What `run` would do with a job right now, for `check` and `plan`.

#pragma once

#include "config/settings.hpp"

#include <string>

namespace sluice {

struct outlook {
  /// "a new job begins"; empty if `run` is refused.
  std::string will;
  caf::error refusal;
};

/// Looks at the ledger, the lists it recorded and the files of the sinks;
/// changes nothing and sends nothing.
[[nodiscard]] outlook outlook_of(const settings& config);

/// The same as one or more lines: "`sluice run job.yaml`: a new job begins".
[[nodiscard]] std::string outlook_text(const settings& config);

} // namespace sluice
