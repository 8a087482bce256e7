// What is durable about a job: the imported URLs in batches, what became of
// each submit, where each run's listing and each sink stand, and so the
// account of every URL. The whole interface; users take the part they need:
//
//   import_store    begins a job: binding and import
//   run_store       runs it: submits, runs, checkpoints
//   decision_store  resolves held batches and runs set aside, begins rounds
//   ledger_reader   reports on it
//   job_store       the last three, for a running job
//   ledger_file     copies, moves and replaces the file
//
// One process runs a job, and a lock enforces it. Others may read its ledger
// and resolve its held batches at the same time.
//
// Not thread-safe: one owner (the ledger_keeper actor, or a command).

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/import_store.hpp"
#include "core/ledger/job_store.hpp"
#include "core/ledger/ledger_file.hpp"

#include <filesystem>
#include <memory>

namespace sluice {

class ledger : public import_store, public job_store, public ledger_file {};

/// Opens `file` to run its job, and creates it if it does not exist. Locks it
/// for this process, with a lock file beside it; the kernel releases the lock
/// if the process dies. A ledger of an earlier format is copied, then converted
/// to the current one (core/ledger/ledger_migrations.hpp). `notes` is the
/// folder with the notes on the progress of each job's ledger
/// (core/ledger/ledger_note.hpp); if it is empty, nothing is noted. Errors:
/// ec::ledger_locked (another process has it or, according to `notes`, another
/// copy of it), ec::ledger_unusable (damaged, a newer format, an old copy),
/// ec::disk. Later changes fail with ec::disk if the ledger's files are not
/// those that were opened.
[[nodiscard]] caf::expected<std::unique_ptr<ledger>>
open_ledger(const std::filesystem::path& file,
            const std::filesystem::path& notes = {});

/// The same if this process has locked `file` already.
[[nodiscard]] caf::expected<std::unique_ptr<ledger>>
open_ledger(const std::filesystem::path& file,
            const std::filesystem::path& notes, ledger_lock lock);

/// Opens `file`, whose job another process may be running, for reports and
/// decisions. A ledger of an earlier format, or one that is an old copy
/// according to `notes`, can be read; changes fail (ec::ledger_unusable).
/// Errors: ec::usage if there is no such file or it is empty;
/// ec::ledger_unusable, ec::disk.
[[nodiscard]] caf::expected<std::unique_ptr<ledger>>
attach_ledger(const std::filesystem::path& file,
              const std::filesystem::path& notes = {});

} // namespace sluice
