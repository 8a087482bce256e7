// Decides which of the ended runs are being read. While a run is read, its URLs
// are in memory, so only a few have their turn, or more if their URLs are
// small. The others wait in line, in the order of their ends. A run that has to
// pause gives up its turn, so that it does not delay others.

#pragma once

#include "core/model/batch.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

namespace sluice {

class reading_order {
public:
  /// At least this many runs have their turn at a time, whatever their size.
  static constexpr size_t least_turns = 4;

  /// Another run begins only while the runs being read take less memory.
  static constexpr size_t most_bytes = 12 << 20;

  /// The same while all of them wait for the API, so that more requests are
  /// in flight.
  static constexpr size_t most_bytes_waiting = 28 << 20;

  /// The run has ended, or its pause is over: it waits for its turn. REQUIRES:
  /// the run neither waits for its turn nor has it.
  void add(batch_key run);

  /// The run whose turn begins now; nullopt if none can begin. `all_wait`:
  /// every run that has its turn waits for a reply from the API.
  [[nodiscard]] std::optional<batch_key> next(bool all_wait = false);

  /// How many runs have their turn.
  [[nodiscard]] size_t turns() const noexcept { return turns_.size(); }

  // REQUIRES for all below: the run has its turn.

  /// Its URLs are in memory, and it takes `bytes`. Until then, the largest size
  /// so far is assumed; for the first runs, a very large one.
  void loaded(batch_key run, size_t bytes);

  /// Part of it was read.
  void progressed(batch_key run);

  /// Its turn ends with a pause. It keeps its place in line if this turn
  /// yielded something; otherwise it goes to the end: runs that keep failing do
  /// not keep others waiting.
  void pause(batch_key run);

  /// Its turn ends, and nothing is left to read.
  void end(batch_key run);

  /// A lower place is read earlier. The place does not change during a turn.
  [[nodiscard]] uint64_t place_of(batch_key run) const;

  [[nodiscard]] bool has_turn(batch_key run) const {
    return turns_.contains(run);
  }

private:
  struct turn {
    uint64_t place = 0;
    std::optional<size_t> bytes; ///< once loaded
    bool progressed = false;
  };

  [[nodiscard]] bool may_begin(bool all_wait) const;
  turn take(batch_key run);

  std::map<uint64_t, batch_key> line_; ///< by place
  std::unordered_map<batch_key, turn> turns_;
  std::unordered_map<batch_key, uint64_t> pausing_; ///< run → its place
  uint64_t last_place_ = 0;
  size_t bytes_ = 0;   ///< of all runs that are loaded
  size_t loading_ = 0; ///< runs that are not loaded yet
  size_t largest_ = most_bytes;
  bool seen_ = false; ///< `largest_` is the size of a run
};

} // namespace sluice
