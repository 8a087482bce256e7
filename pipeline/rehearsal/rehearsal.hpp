// `run --simulate`: runs the real pipeline against an embedded simulator. Sends
// nothing to the real API, needs no key, and touches no real file or ledger.

#pragma once

#include "config/settings.hpp"
#include "core/base/error.hpp"

#include <filesystem>
#include <memory>

namespace sluice {

class simulator;

/// Owns what a rehearsal needs; the destructor removes the temporary ledger.
class rehearsal {
public:
  /// Starts a simulator with the limits of `config`, and points `config` at it.
  /// Divides all times by `speed` (at least 1).
  [[nodiscard]] static caf::expected<std::unique_ptr<rehearsal>>
  start(settings& config, double speed);

  ~rehearsal();

private:
  explicit rehearsal(std::filesystem::path folder);

  std::filesystem::path folder_; ///< contains the temporary ledger
  std::unique_ptr<simulator> api_;
};

/// Divides every waiting time of `config` by `speed` and multiplies its rate.
void speed_up(settings& config, double speed);

} // namespace sluice
