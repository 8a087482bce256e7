// The runs of a job as bars on a timeline, as reported by the actors: a part of
// `job_counters`. For display only; no decision uses it. Thread-safe and
// bounded: excess runs are not shown.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

enum class run_stage : uint8_t {
  queued,    ///< waiting at the API
  active,    ///< in progress at the API
  reading,   ///< ended, captures being read
  done,      ///< all captures committed
  held,      ///< given up
  set_aside, ///< its captures cannot be read
};

[[nodiscard]] const char* name_of(run_stage stage) noexcept;

/// All times are wall clock; 0: unknown.
struct run_bar {
  int64_t batch = 0;
  std::string id; ///< printable
  run_stage stage = run_stage::active;
  uint32_t urls = 0;
  int64_t submitted_at_ms = 0;
  int64_t started_at_ms = 0;
  int64_t ended_at_ms = 0;
  std::optional<uint64_t> extracted; ///< as the API reports it
  std::optional<uint64_t> queue;
  uint64_t captures = 0; ///< read so far
};

class run_board {
public:
  static constexpr size_t most_open = 256;
  static constexpr size_t most_closed = 24;

  /// Adds an open run, or replaces the one with the same batch.
  void put(run_bar bar);

  /// Records what a status reply says.
  void
  on_status(int64_t batch, bool is_queued, std::optional<int64_t> started_at_ms,
            std::optional<uint64_t> extracted, std::optional<uint64_t> queue);
  void
  on_ended(int64_t batch, int64_t now_ms, std::optional<uint64_t> extracted);
  /// Records how many of the run's captures have been read.
  void on_captures(int64_t batch, uint64_t captures);
  void close(int64_t batch, run_stage stage);

  /// True if the run is shown already.
  [[nodiscard]] bool has(int64_t batch) const;

  /// The closed runs, latest last, then the open ones by batch.
  [[nodiscard]] std::vector<run_bar> snapshot() const;

private:
  mutable std::mutex mutex_;
  std::map<int64_t, run_bar> open_;
  std::deque<run_bar> closed_;
};

} // namespace sluice
