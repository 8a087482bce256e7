// What `run` would do with a job as everything is now: for those who ask
// before they start it.

#pragma once

#include "config/settings.hpp"

#include <string>

namespace sluice {

struct outlook {
  /// "a new job begins"; empty: it is refused.
  std::string will;
  caf::error refusal;
};

/// Looks at the ledger, the lists it remembers and the files of the sinks;
/// changes nothing, asks nobody.
[[nodiscard]] outlook outlook_of(const settings& config);

/// The same as a line, or several: "`sluice run job.yaml`: a new job begins".
[[nodiscard]] std::string outlook_text(const settings& config);

} // namespace sluice
