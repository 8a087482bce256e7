// What every sink implements. A sink is a plain object that knows nothing of
// actors: sink_actor, written once, owns queue, retries, acks, checkpoints
// and shutdown, and calls these functions from one thread.

#pragma once

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
  /// checkpoint, nullopt at a job's first start. Everything the sink holds
  /// beyond that position is removed (a file is cut back) or will be sent
  /// again (a webhook). Called once. After a first start the shell commits
  /// the position that `checkpoint` then answers before it writes a page:
  /// what a sink finds at a first start counts as somebody else's.
  [[nodiscard]] virtual caf::error
  open(const std::optional<sink_position>& committed) = 0;

  /// Takes one page, in delivery order; on success its captures are in the
  /// sink's hands. Errors: ec::unavailable = the shell calls again with the
  /// same page after a backoff, and the sink goes on where it stopped; any
  /// other code stops the job.
  [[nodiscard]] virtual caf::error write(const capture_page& page) = 0;

  /// Makes everything written so far durable and answers where the sink
  /// stands. ec::unavailable as for `write`.
  [[nodiscard]] virtual caf::expected<sink_position> checkpoint() = 0;

  /// Closes after the last checkpoint; what was written since is dropped or
  /// will be sent again. Safe after a failed `open`.
  [[nodiscard]] virtual caf::error close() = 0;

  /// Captures put aside as dead letters since the job began.
  [[nodiscard]] virtual uint64_t dead_letters() const { return 0; }
};

/// What a sink may know of the job around it.
struct sink_context {
  std::string job_id; ///< random, constant over restarts
  std::string name;   ///< the sink's own
};

/// One line of the registry.
struct sink_type {
  config::sink_spec spec;
  /// Creates, without side effects; the section is checked by `spec`.
  std::function<std::unique_ptr<sink>(const sink_context&,
                                      const config::section&)>
    make;
  /// Set: the sink for a rehearsal of this type's section ("<path>.simulated"
  /// for files, null for what would reach another machine).
  std::function<std::unique_ptr<sink>(const sink_context&,
                                      const config::section&)>
    rehearse;
  /// Says what is wrong with a section beyond what `spec` can say (ec::usage),
  /// without touching anything; empty when there is nothing more to check.
  /// `open` checks the same.
  std::function<caf::error(const sink_context&, const config::section&)> check =
    {};
  /// Says what `open` would refuse at a job's first start, before anything of
  /// the job is made: creates and changes nothing. May be empty.
  std::function<caf::error(const config::section&)> check_first_start = {};
  /// Removes what lies behind `committed`, the last position of an unfinished
  /// job that is left for a new one: a new job takes all it finds for
  /// somebody else's. May be empty: nothing can lie there.
  std::function<caf::error(const sink_context&, const config::section&,
                           const sink_position& committed)>
    cut_back = {};
  /// Whether the files of the section are those that `committed` is about, so
  /// that `open` would go on in them: changes nothing. Errors: as of `open`.
  /// Empty: the sink has no files.
  std::function<caf::error(const sink_context&, const config::section&,
                           const sink_position& committed)>
    check_kept = {};
  /// The position of a sink that goes on in new files, because those that
  /// `committed` is about are lost with what `in_all` captures of the job left
  /// there. Errors: what `open` would refuse of the new files. Empty: the sink
  /// has no files.
  std::function<caf::expected<sink_position>(
    const sink_context&, const config::section&, const sink_position& committed,
    uint64_t in_all)>
    give_up = {};
  /// Whether anything of the job is in the files that a position is about.
  /// Otherwise nothing tells them from others at another place. Empty: as
  /// `give_up`, as the next.
  std::function<bool(const sink_position&)> has_content = {};
  /// How many captures were given up with lost files, by a position.
  std::function<uint64_t(const sink_position&)> given_up = {};
  /// Looks whether the other end of a section, on this machine or another,
  /// would take captures: delivers, creates and changes nothing, and takes
  /// `limit` at most. Empty for sinks that only write files, at which
  /// `check --online` looks itself.
  std::function<probe_result(const sink_context&, const config::section&,
                             std::chrono::milliseconds limit)>
    probe = {};
};

} // namespace sluice
