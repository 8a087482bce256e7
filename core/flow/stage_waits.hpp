// What bounds a job: each stage says what it waits for itself, and the one
// cause for the whole job follows from that, by precedence. Pure.

#pragma once

#include "core/model/bottleneck.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// rate_limiter: what keeps the next request that is asked for. Polls that
/// are not urgent wait for nothing.
enum class limiter_wait : uint8_t { none, tokens, freeze };

/// run_submitter: what keeps the next batch.
enum class submit_wait : uint8_t {
  none,    ///< there is no batch, and no run is active
  sending, ///< a batch is on its way
  pause,   ///< a failed or ambiguous submit
  slots,   ///< runs that the API works on
  unread,  ///< terminal runs whose captures are not delivered yet
  runs,    ///< there is no batch; runs are active
};

/// run_poller: whether any active run can be asked about.
enum class poll_wait : uint8_t {
  none,
  backoff, ///< the last question about each of them failed
};

/// capture_pager: what keeps the next captures.
enum class page_wait : uint8_t {
  none,     ///< there are none
  fetching, ///< pages are on their way
  backoff,  ///< a pause before a run is read on
  sinks,    ///< all that is read is in the sinks' hands
  window,   ///< the sinks hold so much that no page may be fetched
};

struct stage_waits {
  limiter_wait limiter = limiter_wait::none;
  submit_wait submits = submit_wait::none;
  poll_wait polls = poll_wait::none;
  page_wait pages = page_wait::none;
};

/// What bounds the job. Whatever holds every stage comes first (a freeze, no
/// token), then what holds the stages before it (full window), then what the
/// submitter waits for; what is read counts where that is what it waits for.
[[nodiscard]] bottleneck bound_by(const stage_waits& waits) noexcept;

} // namespace sluice
