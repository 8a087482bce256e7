// Moves captures from files into one sink, each exactly once if the sink can do
// that: the loop of `sluice load`. It calls the sink directly, from one thread.
//
// The order is that of a job's checkpoints: the sink makes durable what it has,
// then the state with the sink's position is saved. After a crash between the
// two, the sink goes back to the position in the state, and the files are read
// from there.

#pragma once

#include "actors/sinks/sink.hpp"
#include "core/base/error.hpp"
#include "core/base/rare_notice.hpp"
#include "core/base/time.hpp"
#include "core/flow/checkpoint_schedule.hpp"
#include "core/flow/retry_policy.hpp"
#include "core/flow/timing.hpp"
#include "pipeline/load/capture_file.hpp"
#include "pipeline/load/load_state.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Sums over all files and all starts of a load.
struct load_counts {
  size_t files = 0;          ///< named
  size_t files_read = 0;     ///< to their ends
  uint64_t captures = 0;     ///< taken by the sink
  uint64_t bytes = 0;        ///< of them, after decompression
  uint64_t dead_letters = 0; ///< among the captures, at the last checkpoint
};

/// What the loader needs from its process.
struct load_ports {
  std::function<time_point()> now;
  /// The wall clock, for what a sink stores as the time of delivery.
  std::function<std::chrono::system_clock::time_point()> wall;
  /// Waits this long, or until `goes_on` is false.
  std::function<void(duration)> pause;
  /// False once the user has asked to stop.
  std::function<bool()> goes_on;
  /// Makes the state durable.
  std::function<caf::error(const load_state&)> save;
  /// Called when a state was saved.
  std::function<void(const load_counts&)> show;
};

struct load_options {
  std::string sink; ///< its name, for messages
  load_limits limits{};
  timing times{};
  uint64_t seed = 0; ///< for the backoff's jitter
};

/// Makes the sink, without side effects.
using sink_maker = std::function<std::unique_ptr<sink>()>;

/// One start of a load. Not thread-safe.
class loader {
public:
  /// `state` as saved before, with the files of this start.
  loader(sink_maker make, load_state state, load_options options,
         load_ports ports);

  /// Loads what is left and closes the sink. If a file's end cannot be reached,
  /// what comes before is committed, and nothing after it is delivered. The
  /// sink is not touched if a file has changed, or if nothing is left. Errors:
  /// ec::disk if a file has changed; ec::interrupted; those of the files, the
  /// sink and `save`.
  [[nodiscard]] caf::error run();

  /// Also after an error: as of the last checkpoint.
  [[nodiscard]] load_counts counts() const;

  /// The sink's at the last checkpoint; nullopt if there was none.
  [[nodiscard]] const std::optional<sink_position>& position() const {
    return committed_.position;
  }

  /// Whether nothing was left to load.
  [[nodiscard]] bool was_done() const { return was_done_; }
  /// Whether the sink was opened.
  [[nodiscard]] bool has_begun() const { return has_begun_; }

private:
  [[nodiscard]] caf::error look_at_files();
  [[nodiscard]] caf::error look_at(size_t index);
  [[nodiscard]] caf::error open_sink();
  [[nodiscard]] caf::error load_files();
  [[nodiscard]] caf::error load_file(size_t index);
  [[nodiscard]] caf::error read_pages(open_capture_file& file, size_t index);
  [[nodiscard]] caf::error deliver(line_page lines, size_t index);
  [[nodiscard]] caf::error commit();
  [[nodiscard]] caf::error commit_if_due();
  [[nodiscard]] caf::error retried(const std::function<caf::error()>& action);
  void note_failure(const caf::error& reason);
  void note_success();

  sink_maker make_;
  std::unique_ptr<sink> sink_; ///< another one after each failed `open`
  load_state state_;     ///< ahead of `committed_` by what was delivered since
  load_state committed_; ///< as last saved
  load_options options_;
  load_ports ports_;
  checkpoint_schedule schedule_;
  retry_policy backoff_;
  rare_notice outage_;
  std::vector<size_t> todo_;               ///< files with something left
  std::optional<open_capture_file> first_; ///< of them, as it was looked at
  bool sink_failed_ = false; ///< it must not be asked for a checkpoint
  bool was_done_ = false;
  bool has_begun_ = false;
};

} // namespace sluice
