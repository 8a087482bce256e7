// A checkpoint: the state of every sink and every run as of one delivery.

#pragma once

#include "core/model/bottleneck.hpp"
#include "core/model/listing.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// A sink's position: bytes that only the sink itself understands.
using sink_position = std::string;

/// The request counts that a checkpoint adds. Submits are not among them: each
/// is counted in the transaction that begins it.
struct read_counts {
  uint64_t polls = 0;
  uint64_t pages = 0;
  uint64_t rate_limited = 0; ///< 429s of all requests
};

/// A consistent snapshot: every sink's position and every changed run's state
/// as of one delivery number, committed together.
struct checkpoint {
  uint64_t delivery = 0;
  std::vector<std::pair<std::string, sink_position>> sinks; ///< by name
  std::vector<run_progress> runs;
  read_counts requests;                 ///< since the last checkpoint
  uint64_t dead_letters = 0;            ///< of all sinks, since the job began
  std::chrono::milliseconds elapsed{0}; ///< since the last checkpoint
  time_spent spent{};                   ///< of that, by bottleneck
};

/// A sink of a job whose files or addresses have moved.
struct moved_sink {
  std::string name; ///< its current name
  std::optional<sink_position> position;
};

} // namespace sluice
