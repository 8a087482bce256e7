// What a running job displays: numbers that the actors increment and the
// progress line reads. No decision uses them.

#pragma once

#include "core/base/shown_text.hpp"
#include "core/flow/gone_runs.hpp"
#include "core/flow/job_time.hpp"
#include "core/flow/reply_counts.hpp"
#include "core/flow/run_board.hpp"

#include <atomic>
#include <cstdint>

namespace sluice {

struct job_counters {
  using number = std::atomic<uint64_t>;

  number submits{0}; ///< requests sent, by kind
  number polls{0};
  number pages{0};
  number rate_limited{0}; ///< 429s among them
  number failures{0};     ///< requests without a usable reply
  shown_text api_failure; ///< why the last request failed; else empty
  /// The same for downloads and for another server that a link from the API led
  /// to; part of a sentence.
  shown_text link_failure;
  shown_text sink_failure; ///< the sink that fails, and why; empty if none
  shown_text limit;        ///< why submitting stopped; empty if it has not
  reply_counts submit_replies;
  reply_counts poll_replies;
  reply_counts page_replies;
  run_board runs; ///< for the timeline
  gone_runs gone; ///< runs that the API does not know

  number active_runs{0};
  number unread_runs{0}; ///< terminal, not all captures committed
  number runs_done{0};
  number held_batches{0};
  number captures{0};      ///< handed to the sinks
  number capture_bytes{0}; ///< of those captures
  number urls_covered{0};  ///< URLs with at least one capture, committed
  number urls_bought{0};   ///< URLs of the runs that the API accepted
  number urls_settled{0};  ///< URLs in a final state: not held, not set aside
  number window_bytes{0};  ///< pages between the API and the sinks
  number dead_letters{0};

  job_time time; ///< where the time goes
};

} // namespace sluice
