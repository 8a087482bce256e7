// `run --simulate`: the real pipeline against an embedded simulator. Nothing
// is sent to anyone, no key is needed, no real file or ledger is touched.

#pragma once

#include "config/settings.hpp"
#include "core/base/error.hpp"

#include <filesystem>
#include <memory>

namespace sluice {

class simulator;

/// Owns what a rehearsal needs; removes its temporary ledger when it ends.
class rehearsal {
public:
  /// Starts a simulator with the limits of `config`, and points `config` at
  /// it, all its times divided by `speed` (at least 1).
  [[nodiscard]] static caf::expected<std::unique_ptr<rehearsal>>
  start(settings& config, double speed);

  ~rehearsal();

private:
  explicit rehearsal(std::filesystem::path folder);

  std::filesystem::path folder_; ///< of the temporary ledger
  std::unique_ptr<simulator> api_;
};

/// Divides every waiting time of `config` by `speed` and multiplies its rate.
void speed_up(settings& config, double speed);

} // namespace sluice
