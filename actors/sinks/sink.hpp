// The interface of all sinks, and the registry's description of a type. A sink
// is a plain object that knows nothing about actors: sink_actor, written once,
// handles the queue, retries, acks, checkpoints and shutdown, and calls the
// sink from one thread. The pipeline uses sink_type to create sinks and to
// check their files.

#pragma once

#include "actors/sinks/committed_rows.hpp"
#include "config/settings.hpp"
#include "core/base/error.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/probe_result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

class sink {
public:
  virtual ~sink() = default;

  /// Prepares for writing. `committed` is the position of the last committed
  /// checkpoint, nullopt at a job's first start. Everything beyond that
  /// position is removed (a file is cut back) or will be sent again (a
  /// webhook). Called once. The position that `checkpoint` returns then is
  /// committed before a page is written: data that a sink finds at a first
  /// start counts as foreign, and a sink may mark in its target who has opened
  /// it.
  [[nodiscard]] virtual caf::error
  open(const std::optional<sink_position>& committed) = 0;

  /// Takes one page, in delivery order; on success the sink is responsible for
  /// its captures. Errors: on ec::unavailable, sink_actor calls again with the
  /// same page after a backoff, and the sink continues where it stopped; any
  /// other code stops the job.
  [[nodiscard]] virtual caf::error write(const capture_page& page) = 0;

  /// Makes everything written so far durable and returns the sink's position.
  /// ec::unavailable as for `write`.
  [[nodiscard]] virtual caf::expected<sink_position> checkpoint() = 0;

  /// Closes after the last checkpoint; anything written since is dropped or
  /// will be sent again. Safe after a failed `open`.
  [[nodiscard]] virtual caf::error close() = 0;

  /// Captures written as dead letters since the job began.
  [[nodiscard]] virtual uint64_t dead_letters() const { return 0; }
};

/// What a sink may know about its job.
struct sink_context {
  std::string job_id; ///< random, constant across restarts
  std::string name;   ///< the sink's name
  /// `sluice load` writes to it, which decides what messages advise.
  bool in_load = false;
};

/// One line of the registry.
struct sink_type {
  config::sink_spec spec;
  /// Creates the sink, without side effects; `spec` has checked the section.
  std::function<std::unique_ptr<sink>(const sink_context&,
                                      const config::section&)>
    make;
  /// If set: creates the sink for a rehearsal ("<path>.simulated" for files,
  /// null for sinks that would contact another machine).
  std::function<std::unique_ptr<sink>(const sink_context&,
                                      const config::section&)>
    rehearse;
  /// Checks a section beyond what `spec` can express (ec::usage), without
  /// touching anything. Empty if there is nothing more to check. `open` checks
  /// the same.
  std::function<caf::error(const sink_context&, const config::section&)> check =
    {};
  /// Reports what `open` would refuse at a job's first start, before the job
  /// has created anything. Creates and changes nothing. May be empty.
  std::function<caf::error(const config::section&)> check_first_start = {};
  /// Removes what follows `committed`, the last position of an unfinished job
  /// that a new one replaces, because a new job treats everything it finds
  /// as foreign. Empty if nothing can follow.
  std::function<caf::error(const sink_context&, const config::section&,
                           const sink_position& committed)>
    cut_back = {};
  /// Checks that the section's files are those that `committed` describes, so
  /// that `open` would continue in them. Changes nothing. Errors: those of
  /// `open`. Empty if the sink has no files.
  std::function<caf::error(const sink_context&, const config::section&,
                           const sink_position& committed)>
    check_kept = {};
  /// The position of a sink that continues in new files because those that
  /// `committed` describes are lost, and with them `in_all` captures in all.
  /// Errors: what `open` would refuse about the new files. Empty if the sink
  /// has no files.
  std::function<caf::expected<sink_position>(
    const sink_context&, const config::section&, const sink_position& committed,
    uint64_t in_all)>
    give_up = {};
  /// Whether the files that a position describes contain output of the job.
  /// If they do not, they cannot be told from other files elsewhere. Empty if
  /// the sink has no files; the same holds for the next function.
  std::function<bool(const sink_position&)> has_content = {};
  /// How many captures were given up with lost files, according to a position.
  std::function<uint64_t(const sink_position&)> given_up = {};
  /// What the sink has counted up to a position. Empty if it writes no rows.
  std::function<caf::expected<committed_rows>(const config::section&,
                                              const sink_position&)>
    rows = {};
  /// Checks whether the receiver of a section, on this machine or another,
  /// would accept captures. Delivers, creates and changes nothing, and takes at
  /// most `limit`. Empty for sinks that only write files, which `check
  /// --online` checks itself.
  std::function<probe_result(const sink_context&, const config::section&,
                             std::chrono::milliseconds limit)>
    probe = {};
};

} // namespace sluice
