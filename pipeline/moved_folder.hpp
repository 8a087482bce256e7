// Starts a job whose whole folder may have been moved or copied: checks the
// files where the job now expects them before anything is changed.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"

namespace sluice {

/// Checks the files that the sinks would append to. Changes nothing. REQUIRES:
/// `store` is bound, and `check_bound` accepts `config`. Errors: ec::disk for a
/// file that does not match the ledger, ec::usage for a foreign one.
[[nodiscard]] caf::error
check_sinks_kept(ledger& store, const settings& config);

/// Binds the job to `config` at startup. If its folder has moved, binds it to
/// the new paths as `relocate` does. Errors: those of `import_store::bind` and
/// `check_sinks_kept`; then nothing is changed.
[[nodiscard]] caf::error bind_job(ledger& store, const settings& config);

} // namespace sluice
