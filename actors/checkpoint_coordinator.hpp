// The checkpoint coordinator, a part of capture_pager. It decides when a
// checkpoint is due and sends it through the sinks, behind the pages. When
// every sink has returned its position, it commits the positions and the
// state of each run in one transaction.

#pragma once

#include "actors/drain_gate.hpp"
#include "actors/protocol.hpp"
#include "core/flow/checkpoint_schedule.hpp"
#include "core/flow/job_counters.hpp"
#include "core/model/checkpoint.hpp"

#include <memory>
#include <vector>

namespace sluice {

/// What the coordinator needs from the actor that it is a part of.
class checkpoint_owner {
public:
  virtual ~checkpoint_owner() = default;

  /// Adds the number of the last delivery, and the state of each run that has
  /// changed since the last call.
  virtual void add_changes(checkpoint& point) = 0;

  /// The ledger has the checkpoint. REQUIRES: after telling everyone, the owner
  /// calls `begin_if_due` and `check_drained`.
  virtual void on_committed(const checkpoint& point) = 0;

  /// The wait for the sinks begins or ends.
  virtual void show_wait() = 0;

  /// The job cannot go on.
  virtual void fail(const caf::error& reason) = 0;
};

struct checkpoint_coordinator_config {
  std::vector<sink_actor> sinks;
  ledger_keeper_actor ledger;
  std::shared_ptr<job_counters> counters;
  checkpoint_schedule schedule;
  uint64_t last_delivery = 0; ///< committed
};

class checkpoint_coordinator {
public:
  /// `drain` is the owner's. REQUIRES: all three outlive the coordinator.
  checkpoint_coordinator(capture_pager_actor::pointer self,
                         checkpoint_owner& owner, drain_gate& drain,
                         checkpoint_coordinator_config config);

  /// Begins a checkpoint now. The first one commits what the sinks found when
  /// they were opened; no page may be fetched before `is_open`.
  void begin();

  /// Begins a checkpoint if one is due; else sets the timer for the next one.
  void begin_if_due();

  /// The timer: atoms::checkpoint_atom has arrived.
  void on_timer();

  // -- what makes a checkpoint due --------------------------------------------

  void on_delivered(size_t bytes) noexcept;
  /// A run has changed, so there is something to commit.
  void on_change();
  /// A run is finished or set aside; `on_change` follows.
  void on_finished() noexcept;

  // -- ends -------------------------------------------------------------------

  /// A sink has failed, so no further checkpoint is possible.
  void on_sink_failure(const caf::error& reason);

  /// Commits the requests and the time spent so far, even if no checkpoint is
  /// due. After a failure, also answers a waiting drain.
  void commit_spent();

  /// If nothing is outstanding in a drain, commits the rest, then answers the
  /// drain message.
  void check_drained();

  // ---------------------------------------------------------------------------

  /// The sinks' first positions are committed, and nothing has failed.
  [[nodiscard]] bool is_open() const noexcept { return now_ == phase::open; }

  [[nodiscard]] bool awaits_sinks() const noexcept {
    return positions_missing_ > 0;
  }

private:
  enum class phase {
    opening, ///< until the first checkpoint is committed
    open,
    broken, ///< a sink or the ledger failed: no further checkpoint
  };

  void
  on_position(const std::shared_ptr<checkpoint>& point, sink_report report);
  void commit(const std::shared_ptr<checkpoint>& point);
  void committed(const checkpoint& point);
  void spent_committed();
  /// Adds what was spent since the last commit.
  void add_spent(checkpoint& point);
  [[nodiscard]] read_counts requests_since_commit();

  capture_pager_actor::pointer self_;
  checkpoint_owner& owner_;
  drain_gate& drain_;
  checkpoint_coordinator_config config_;
  phase now_ = phase::opening;
  /// When the timer fires; max: never.
  time_point timer_ = time_point::max();
  read_counts requests_committed_;
  uint64_t delivery_committed_ = 0;
  unsigned committing_ = 0; ///< checkpoints on their way to the ledger
  unsigned positions_missing_ = 0;
  bool begun_in_drain_ = false; ///< the last one: no page follows it
};

} // namespace sluice
