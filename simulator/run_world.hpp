// The life cycle of runs: pending → starting → running → completed or failed.
// At most `max_concurrent` are active and the others are queued. Nothing
// happens between two calls. Each call first applies everything due by its
// `now`.

#pragma once

#include "core/base/enum_words.hpp"
#include "simulator/content_store.hpp"
#include "simulator/run_content.hpp"
#include "simulator/sim_clock.hpp"
#include "simulator/simulator.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string_view>
#include <vector>

namespace sluice::sim {

enum class run_state : uint8_t {
  pending,
  starting,
  running,
  completed,
  failed
};

/// In replies.
inline constexpr enum_words<run_state, 5> run_state_words{
  {{"pending", run_state::pending},
   {"starting", run_state::starting},
   {"running", run_state::running},
   {"completed", run_state::completed},
   {"failed", run_state::failed}}};
static_assert(names_all(run_state_words, run_state::failed));

/// The state of a run at one moment.
struct run_view {
  /// Its URLs may be missing: see run_world::load_urls.
  std::shared_ptr<const run_content> content;
  run_state state = run_state::pending;
  uint64_t extracted = 0; ///< captures counted by the run
  uint64_t listed = 0;    ///< captures shown in a listing
  uint64_t queue = 0;     ///< URLs still to be processed
  sim_time created{0};
  std::optional<sim_time> started;
  bool is_late = false;       ///< its last captures are listed late
  bool is_unreadable = false; ///< NaN precedes its last capture

  [[nodiscard]] bool is_terminal() const noexcept {
    return state >= run_state::completed;
  }
};

/// How long a run takes, by its number in order of creation from 0.
[[nodiscard]] sim_time
run_length(const simulator_options& options, uint64_t number) noexcept;

/// Not thread-safe. A `now` slightly before the previous one does no harm.
class run_world {
public:
  explicit run_world(const simulator_options& options);

  /// Creates a run of `content`, whose id is still empty, and returns the run's
  /// state. The run has already started if a slot was free.
  [[nodiscard]] run_view create(run_content content, sim_time now);

  /// nullopt if there is no such run.
  [[nodiscard]] std::optional<run_view> find(std::string_view id, sim_time now);

  /// Completes the content of a view that this object has returned. Throws
  /// std::system_error if the disk fails.
  void load_urls(run_view& view);

  /// At most `most` of the newest runs, newest first.
  [[nodiscard]] std::vector<run_view> newest(size_t most, sim_time now);

  struct counts {
    uint64_t pending = 0;
    uint64_t active = 0;
    uint64_t terminal = 0;
  };
  [[nodiscard]] counts count(sim_time now);

private:
  struct run {
    sim_time created{0};
    sim_time started = sim_time::max();
    sim_time length{0};
    bool fails = false;
    bool is_late = false;
    bool is_unreadable = false;
  };
  /// An active run's end time and number.
  using run_result = std::pair<sim_time, uint64_t>;

  /// Halves the captures of a run that will fail.
  [[nodiscard]] run draw_run(run_content& content, uint64_t number) const;
  [[nodiscard]] run_view view_of(uint64_t number, sim_time now) const;
  /// Makes the counters of an active run inaccurate.
  void blur(run_view& view, uint64_t number, double share, sim_time now) const;
  void advance(sim_time now);
  void start(uint64_t number, sim_time when);

  simulator_options options_;
  chance dice_;
  std::deque<run> runs_; ///< by number
  content_store contents_;
  std::deque<uint64_t> pending_;
  std::priority_queue<run_result, std::vector<run_result>, std::greater<>>
    active_;
};

} // namespace sluice::sim
