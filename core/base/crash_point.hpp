// The instants between the steps of a transaction at which a test kills the
// process. In a build without SLUICE_CRASH_POINTS a point is nothing.
//
// With it, the environment variable SLUICE_CRASH_AT=<name>:<n> ends the
// process by SIGKILL at the n-th pass of that point; SLUICE_CRASH_AT=list
// makes `sluice` print all names.

#pragma once

#include <array>
#include <cstddef>

namespace sluice {

/// In the order in which a job first passes them.
enum class crash_at : size_t {
  import_chunk,     ///< a part of the lists is in the ledger
  import_finished,  ///< all of them are
  file_created,     ///< an output file exists, its folder is not synced
  file_cut,         ///< an output file was cut back to its committed length
  changes_made,     ///< the ledger has changes that are not on disk
  submit_intended,  ///< a batch is durably in flight, its POST has not left
  submit_answered,  ///< the reply is there, not recorded
  repeat_awaited,   ///< a submit's fate is unknown, its repeat has not begun
  repeat_begun,     ///< a repeat is on disk, its POST has not left
  submit_recorded,  ///< what became of the submit is durable
  poll_answered,    ///< a run's status is there
  run_ended,        ///< the run's end is durable
  page_fetched,     ///< a page is there, not delivered
  page_written,     ///< a sink has a page, not synced
  webhook_answered, ///< a delivery was accepted, its page not acknowledged
  file_syncing,     ///< a checkpoint's last bytes are written, not synced
  sink_synced,      ///< a sink is durable as of the cut
  cut_ready,        ///< all sinks are, the cut is not committed
  cut_half,         ///< within its transaction
  cut_committed,    ///< the cut is committed, nobody knows yet
  retry_planned,    ///< missing URLs are in a batch again, on disk or not yet
  batch_cut,        ///< a part of a batch is one of its own, on disk or not yet
};

inline constexpr std::array crash_point_names{
  "import_chunk",  "import_finished", "file_created",     "file_cut",
  "changes_made",  "submit_intended", "submit_answered",  "repeat_awaited",
  "repeat_begun",  "submit_recorded", "poll_answered",    "run_ended",
  "page_fetched",  "page_written",    "webhook_answered", "file_syncing",
  "sink_synced",   "cut_ready",       "cut_half",         "cut_committed",
  "retry_planned", "batch_cut",
};
static_assert(crash_point_names.size()
              == static_cast<size_t>(crash_at::batch_cut) + 1);

#ifdef SLUICE_CRASH_POINTS
void crash_point(crash_at point) noexcept;
/// Prints all names if that is what the environment asks for.
bool list_crash_points();
#else
constexpr void crash_point(crash_at) noexcept {}
constexpr bool list_crash_points() {
  return false;
}
#endif

} // namespace sluice
