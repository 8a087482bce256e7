// A start of a job whose whole folder may have moved, or been copied: what lies
// where its files should be is checked before anything is changed.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"

namespace sluice {

/// What a start would refuse of the files that the sinks go on in: ec::disk
/// for one that is not as the ledger says, ec::usage for a foreign one. Nothing
/// is changed. REQUIRES: `store` is bound, and `check_bound` accepts `config`.
[[nodiscard]] caf::error
check_sinks_kept(ledger& store, const settings& config);

/// Binds the job to `config` at a start. If its folder has moved, it is tied to
/// the new places as `relocate` does it. Errors: those of `import_store::bind`
/// and `check_sinks_kept`; then nothing is changed.
[[nodiscard]] caf::error bind_job(ledger& store, const settings& config);

} // namespace sluice
