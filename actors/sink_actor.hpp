// The shell around every sink, written once: takes pages in delivery order,
// retries temporary failures, acks, checkpoints, closes. The sink itself is a
// plain object. Blocking: it has its own thread.

#pragma once

#include "actors/protocol.hpp"
#include "actors/sinks/sink.hpp"
#include "core/base/rare_notice.hpp"
#include "core/base/time.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/retry_policy.hpp"
#include "core/flow/timing.hpp"
#include "core/model/checkpoint.hpp"

#include <deque>
#include <memory>
#include <string>
#include <variant>

namespace sluice {

struct sink_actor_config {
  std::string name;
  std::shared_ptr<sink> target;
  std::optional<sink_position> committed;
  timing times;
  uint64_t seed = 0; ///< for the backoff's jitter
  std::shared_ptr<job_counters> counters;
};

class sink_actor_state {
public:
  using pointer = sink_actor::stateful_pointer<sink_actor_state>;
  static inline constexpr const char* name = "sink";

  explicit sink_actor_state(pointer self) : self_{self} {}
  ~sink_actor_state();

  [[nodiscard]] sink_actor::behavior_type
  make_behavior(sink_actor_config config);

private:
  using ack = caf::typed_response_promise<atoms::ok_atom>;
  struct page_job {
    page_ptr page;
    ack promise;
  };
  struct cut_job {
    caf::typed_response_promise<sink_report> promise;
  };
  using job = std::variant<page_job, cut_job>;

  void work();
  [[nodiscard]] caf::error carry_out(job& next);
  [[nodiscard]] bool is_patient(duration pause) const;
  void later(const caf::error& reason, duration pause);
  void note_success();
  void fail(job& failed, const caf::error& reason);

  pointer self_;
  sink_actor_config config_;
  std::optional<retry_policy> backoff_;
  std::deque<job> jobs_; ///< bounded by the pager's window
  /// After a page has failed, nothing later may be written or committed.
  caf::error failed_;
  bool waiting_ = false;
  rare_notice outage_;
  bool is_down_ = false;
  bool draining_ = false;
  time_point wake_at_; ///< while it waits: when to try again
  time_point drained_since_;
  time_point well_at_; ///< its last success, or the start of draining
};

sink_actor::behavior_type
sink_shell(sink_actor_state::pointer self, sink_actor_config config);

} // namespace sluice
