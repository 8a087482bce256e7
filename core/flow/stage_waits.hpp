// What limits a job: each stage states what it waits for, and precedence yields
// one cause for the whole job. Pure.

#pragma once

#include "core/model/bottleneck.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// rate_limiter: what delays the next request. Polls that are not urgent do not
/// count as waiting.
enum class limiter_wait : uint8_t { none, tokens, freeze };

/// run_submitter: what delays the next batch.
enum class submit_wait : uint8_t {
  none,    ///< no batch, and no active run
  sending, ///< a batch is being submitted
  pause,   ///< after a failed or ambiguous submit
  slots,   ///< the API is running as many as allowed
  unread,  ///< ended runs whose captures are not delivered
  runs,    ///< no batch, but active runs
};

/// run_poller: whether any active run can be polled.
enum class poll_wait : uint8_t {
  none,
  backoff, ///< the last poll of every active run failed
};

/// capture_pager: what delays the next captures.
enum class page_wait : uint8_t {
  none,     ///< there are no captures to read
  fetching, ///< pages are being fetched
  backoff,  ///< a pause before the next read of a run
  sinks,    ///< the sinks have everything that was read
  window,   ///< the sinks hold too much to fetch another page
};

struct stage_waits {
  limiter_wait limiter = limiter_wait::none;
  submit_wait submits = submit_wait::none;
  poll_wait polls = poll_wait::none;
  page_wait pages = page_wait::none;
};

/// What limits the job. First comes what stops every stage (a freeze, no
/// token), then what stops the earlier stages (a full window), then the
/// submitter's wait, or the pager's if the submitter waits for unread runs.
[[nodiscard]] bottleneck bound_by(const stage_waits& waits) noexcept;

} // namespace sluice
