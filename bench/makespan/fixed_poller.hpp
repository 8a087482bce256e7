// The poller for comparison. It polls each run every ten seconds from its
// submit and learns nothing.

#pragma once

#include "actors/run_poller.hpp"
#include "core/model/batch.hpp"
#include "core/model/run.hpp"

namespace sluice::bench {

class fixed_poller_state {
public:
  using pointer = run_poller_actor::stateful_pointer<fixed_poller_state>;
  static inline constexpr const char* name = "fixed-poller";
  static constexpr duration interval = std::chrono::seconds{10};

  explicit fixed_poller_state(pointer self) : self_{self} {}

  run_poller_actor::behavior_type make_behavior(run_poller_config config) {
    config_ = std::move(config);
    return {
      [this](const run_poller_links& links) { links_ = links; },
      [this](const active_run& run) {
        runs_.emplace(run.batch, run);
        wait(run.batch);
      },
      [](atoms::drain_atom) { return atoms::ok_atom::value; },
      [this](atoms::wake_atom, uint64_t batch) {
        ask(static_cast<batch_key>(batch));
      },
    };
  }

private:
  void wait(batch_key batch) {
    self_->delayed_send(self_, interval, atoms::wake_atom::value,
                        static_cast<uint64_t>(batch));
  }

  void ask(batch_key batch) {
    self_
      ->request(config_.limiter, caf::infinite, atoms::permit_atom::value,
                request_kind::poll)
      .then([=, this](const permit& granted) {
        self_
          ->request(config_.pool, caf::infinite, granted, runs_.at(batch).run)
          .then([=, this](const status_reply& reply) {
            if (reply.verdict.outcome == read_outcome::ok
                && reply.run.phase == run_phase::done)
              end(batch, reply.run);
            else
              wait(batch);
          });
      });
  }

  void end(batch_key batch, const run_status& status) {
    auto run = runs_.at(batch);
    runs_.erase(batch);
    run_result how{run_outcome::completed, status.state, status.extracted};
    self_->send(links_.pager, terminal_run{batch, run.run, how, run.url_count});
    self_->send(links_.submitter, slot_freed{batch, true});
  }

  pointer self_;
  run_poller_config config_;
  run_poller_links links_;
  std::map<batch_key, active_run> runs_;
};

inline run_poller_actor::behavior_type
fixed_poller(fixed_poller_state::pointer self, run_poller_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice::bench
