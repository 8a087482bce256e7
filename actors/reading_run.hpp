// A run whose captures are being read: what capture_pager and download_fetcher
// know about it.

#pragma once

#include "actors/protocol.hpp"
#include "core/flow/denied_run.hpp"
#include "core/flow/download_policy.hpp"
#include "core/flow/failing_link.hpp"
#include "core/flow/retry_policy.hpp"
#include "core/flow/run_listing.hpp"
#include "core/flow/unreadable_replies.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sluice {

/// The file with the captures of one run. Only download_fetcher changes it.
struct run_download {
  enum class phase {
    closed,   ///< to be opened, if runs are downloaded at all
    open,     ///< `reader` has it
    given_up, ///< the run is paged instead, to its end
  };

  phase now = phase::closed;
  download_reader_actor reader; ///< while it is open
  download_attempts attempts;
  bool has_bad_lines = false;    ///< the file that was last opened
  bool bad_lines_logged = false; ///< of any of its files
};

struct reading_run {
  enum class phase {
    reading,    ///< its next page or part is wanted
    recounting, ///< its status is wanted, before the next page
    done,       ///< nothing more to fetch; `run.end` is how it ended
    set_aside,  ///< nothing more can be read; `why` says why
  };

  terminal_run run;
  std::string robot; ///< since its first turn
  phase now = phase::reading;
  std::string why;
  /// During its turn, and until its last change is committed.
  std::optional<run_listing> listing;
  std::optional<retry_policy> backoff;
  denied_run denied; ///< by the API
  failing_link link; ///< if another server must be asked
  unreadable_tries tries;
  run_download download;
  bool dirty = false;      ///< changed since the last checkpoint began
  bool committing = false; ///< changed before the checkpoint under way
  /// Its last part of a checkpoint: set at its end, when its listing goes.
  std::optional<run_progress> last;
  size_t url_bytes = 0;       ///< of its URLs, while they are in memory
  uint64_t covered = 0;       ///< URLs, as of the last checkpoint
  uint64_t covered_shown = 0; ///< of those, in the job's counters
};

using reading_ptr = std::shared_ptr<reading_run>;

} // namespace sluice
