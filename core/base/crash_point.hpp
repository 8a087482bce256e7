// Named points at which a test can kill the process: wherever a crash would
// leave something half done, in the ledger, a submit, a poll, a sink or a
// checkpoint. Compiled to nothing without SLUICE_CRASH_POINTS.
//
// If that macro is defined, the environment variable SLUICE_CRASH_AT=<name>:<n>
// kills the process with SIGKILL when it reaches the point <name> for the n-th
// time; SLUICE_CRASH_AT=list makes `sluice` print all names.

#pragma once

#include "core/base/enum_words.hpp"

#include <cstddef>

namespace sluice {

/// In the order in which a job first passes them.
enum class crash_at : size_t {
  import_chunk,         ///< part of the lists is in the ledger
  import_finished,      ///< all lists are in the ledger
  file_created,         ///< an output file exists, its folder is not synced
  file_cut,             ///< an output file was cut back to its committed length
  changes_made,         ///< the ledger has changes that are not on disk
  submit_intended,      ///< a batch is durably in flight, its POST is not sent
  submit_answered,      ///< the reply has arrived, not recorded
  repeat_awaited,       ///< a submit's outcome is unknown, its repeat not begun
  repeat_begun,         ///< a repeat is on disk, its POST is not sent
  submit_recorded,      ///< the outcome of a submit is durable
  poll_answered,        ///< a run's status has arrived
  run_ended,            ///< the run's end is durable
  page_fetched,         ///< a page has arrived, not yet delivered
  page_written,         ///< a sink has written a page, not synced
  webhook_answered,     ///< a delivery was accepted, its page not acknowledged
  file_syncing,         ///< a checkpoint's last bytes are written, not synced
  sink_synced,          ///< a sink is durable up to the checkpoint
  checkpoint_ready,     ///< all sinks are durable, checkpoint not committed
  checkpoint_half,      ///< inside the checkpoint's transaction
  checkpoint_committed, ///< checkpoint committed, nobody notified yet
  retry_planned,        ///< missing URLs are batched again, maybe not on disk
  batch_cut,            ///< a batch was split, maybe not on disk
};

inline constexpr enum_words<crash_at, 22> crash_point_words{{
  {"import_chunk", crash_at::import_chunk},
  {"import_finished", crash_at::import_finished},
  {"file_created", crash_at::file_created},
  {"file_cut", crash_at::file_cut},
  {"changes_made", crash_at::changes_made},
  {"submit_intended", crash_at::submit_intended},
  {"submit_answered", crash_at::submit_answered},
  {"repeat_awaited", crash_at::repeat_awaited},
  {"repeat_begun", crash_at::repeat_begun},
  {"submit_recorded", crash_at::submit_recorded},
  {"poll_answered", crash_at::poll_answered},
  {"run_ended", crash_at::run_ended},
  {"page_fetched", crash_at::page_fetched},
  {"page_written", crash_at::page_written},
  {"webhook_answered", crash_at::webhook_answered},
  {"file_syncing", crash_at::file_syncing},
  {"sink_synced", crash_at::sink_synced},
  {"checkpoint_ready", crash_at::checkpoint_ready},
  {"checkpoint_half", crash_at::checkpoint_half},
  {"checkpoint_committed", crash_at::checkpoint_committed},
  {"retry_planned", crash_at::retry_planned},
  {"batch_cut", crash_at::batch_cut},
}};
static_assert(names_all(crash_point_words, crash_at::batch_cut));

#ifdef SLUICE_CRASH_POINTS
void crash_point(crash_at point) noexcept;
/// Prints all names if SLUICE_CRASH_AT is `list`.
bool list_crash_points();
#else
constexpr void crash_point(crash_at) noexcept {}
constexpr bool list_crash_points() {
  return false;
}
#endif

} // namespace sluice
