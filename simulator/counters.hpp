// The contents of GET /__stats: a client's behaviour as seen by the API.

#pragma once

#include "simulator/faults.hpp"
#include "simulator/run_world.hpp"
#include "simulator/u64_set.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sim {

/// `other` counts lists of runs, downloads by signed URL and unknown paths.
enum class request_kind : uint8_t { submit, status, page, download, other };

inline constexpr size_t request_kinds = 5;

struct counters {
  std::array<uint64_t, request_kinds> requests{};
  std::array<uint64_t, request_kinds> rate_limited{};
  std::array<uint64_t, fault_names.size()> faults{};
  uint64_t late_captures = 0; ///< runs with late captures
  uint64_t overlaps = 0;      ///< pages that repeated a capture
  uint64_t runs_created = 0;
  uint64_t runs_created_twice = 0; ///< an earlier run had the same set of URLs
  uint64_t urls_submitted = 0;
  uint64_t urls_submitted_twice = 0; ///< were already in a run
  uint64_t submits_repeated = 0;     ///< answered with the existing run of
                                     ///< their key
  uint64_t captures_served = 0;
};

/// The counters and the current state of the runs, as JSON.
[[nodiscard]] std::string write_stats(const counters& counts,
                                      const run_world::counts& runs,
                                      int64_t started_at_ms);

/// Remembers every URL and every set of URLs that became a run.
class submission_memory {
public:
  struct finding {
    uint64_t urls_seen_before = 0;
    bool set_seen_before = false; ///< in any order
  };

  /// Each of the `urls` is followed by a line feed.
  finding add(std::string_view urls);

private:
  u64_set seen_;
};

} // namespace sluice::sim
