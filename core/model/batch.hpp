// A batch: URLs that are submitted together and become one run.

#pragma once

#include "core/model/submit_ticket.hpp"
#include "core/model/url_table.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// URLs in one run, unless the job says otherwise.
inline constexpr uint32_t default_urls_per_run = 100;

/// Identifies a batch and the run it may become.
using batch_key = int64_t;

/// A batch that can be submitted now.
struct url_batch {
  batch_key key = 0;
  std::string robot;
  url_table urls;
  uint32_t depth = 0; ///< how many times it was split off
  /// Set: the batch has been in flight since an earlier start; repeat its
  /// submit with this ticket.
  std::optional<submit_ticket> ticket{};
};

/// A worker's right to a batch until a given time. Taking the ledger's lock
/// ends all earlier leases; a store shared by several machines would use the
/// time.
struct lease {
  std::string worker;   ///< unique per process
  int64_t until_ms = 0; ///< wall clock, like begun_ms
  int64_t begun_ms = 0;
};

/// Which URLs without a capture are submitted again, and how.
struct retry_rule {
  uint32_t times = 0;          ///< maximum resubmits per URL
  uint32_t urls_per_run = 1;   ///< URLs of several runs are pooled up to this
  bool budget_is_urls = false; ///< a run stops after one capture per URL
  uint64_t budget = INT64_MAX; ///< otherwise, after this many captures
};

/// A batch that was refused or waits for the user's decision.
struct stuck_batch {
  batch_key key = 0;
  uint32_t urls = 0;
  std::string reason;
  std::string run_id{}; ///< if its run was abandoned or set aside; else empty
  std::string robot{};
  int64_t submitted_at_ms = 0; ///< wall clock
};

/// A batch whose submit has an unknown outcome.
struct held_submit {
  batch_key key = 0;
  std::string robot;
  url_table urls;
  int64_t submitted_at_ms = 0; ///< wall clock
};

} // namespace sluice
