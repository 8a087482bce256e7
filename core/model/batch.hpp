// A batch: the URLs that are submitted together and become one run.

#pragma once

#include "core/model/submit_ticket.hpp"
#include "core/model/url_table.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// URLs in one run, unless the job says otherwise.
inline constexpr uint32_t default_urls_per_run = 100;

/// Key of a batch, and of the one run it may become.
using batch_key = int64_t;

/// A batch that may be submitted now.
struct url_batch {
  batch_key key = 0;
  std::string robot;
  url_table urls;
  uint32_t depth = 0; ///< how often it was halved out of a larger one
  /// Set: the batch is in flight since an earlier start, and its submit is to
  /// be repeated with this ticket.
  std::optional<submit_ticket> ticket{};
};

/// A worker's right to a batch until a time. The lock on the ledger ends every
/// earlier one; a store that several machines share would go by the time.
struct lease {
  std::string worker;   ///< unique to a process
  int64_t until_ms = 0; ///< wall clock, as the next
  int64_t begun_ms = 0;
};

/// Which URLs without a capture are submitted again.
struct retry_rule {
  uint32_t times = 0;          ///< most submits of a URL beyond its first
  uint32_t urls_per_run = 1;   ///< URLs of many runs are pooled up to this
  bool budget_is_urls = false; ///< a run ends at as many captures as URLs
  uint64_t budget = INT64_MAX; ///< else at so many
};

/// A batch that waits for the user's decision, or was refused.
struct stuck_batch {
  batch_key key = 0;
  uint32_t urls = 0;
  std::string reason;
  std::string run_id{}; ///< of a run given up or set aside, else empty
  std::string robot{};
  int64_t submitted_at_ms = 0; ///< wall clock
};

/// A batch whose submit was ambiguous.
struct held_submit {
  batch_key key = 0;
  std::string robot;
  url_table urls;
  int64_t submitted_at_ms = 0; ///< wall clock
};

} // namespace sluice
