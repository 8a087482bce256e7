// The part of run_submitter that follows up an ambiguous submit: it asks
// whether the API answers, and starts the search for the runs of held batches.

#include "actors/permits.hpp"
#include "actors/run_submitter.hpp"

namespace sluice {

void run_submitter_state::probe() {
  auto is_wanted = [this] { return !drain_.begun() && !gate_->halted(); };
  if (probing_ || !is_wanted())
    return;
  probing_ = true;
  with_permit(
    self_, config_.limiter, request_kind::poll,
    permit_use{
      .wanted = is_wanted,
      .send = [this](const permit& granted) { send_probe(granted); },
      .unwanted = [this] { probing_ = false; },
      .fail = [this](const caf::error& reason) { probe_failed(reason); }});
}

void run_submitter_state::send_probe(const permit& granted) {
  self_->request(config_.pool, caf::infinite, granted, atoms::probe_atom::value)
    .then(
      [this](const read_verdict& verdict) {
        probing_ = false;
        if (verdict.outcome == read_outcome::ok)
          gate_->answers();
        else
          wait({});
        pump();
      },
      [this](const caf::error& reason) { probe_failed(reason); });
}

void run_submitter_state::probe_failed(const caf::error& reason) {
  probing_ = false;
  fail(reason);
}

void run_submitter_state::on_decisions(const batch_decisions& decisions) {
  if (phase_.finished())
    return; // the next start continues with them
  held_ = decisions.held;
  config_.counters->held_batches = held_;
  for (auto& run : decisions.adopted) {
    gate_->adopted();
    self_->send(config_.poller, run);
  }
  phase_.may_have_more();
  if (!decisions.adopted.empty())
    phase_.go_on();
  show_counts();
  pump();
}

bool run_submitter_state::can_find() const {
  return config_.finder && !finding_ && !drain_.begun() && held_ > 0;
}

void run_submitter_state::find_later(duration wait) {
  if (find_timer_ || !config_.finder)
    return;
  find_timer_ = true;
  self_->delayed_send(self_, wait, atoms::find_atom::value);
}

void run_submitter_state::find_runs() {
  finding_ = true;
  self_->request(config_.finder, caf::infinite, atoms::find_atom::value)
    .then(
      [this](const batch_decisions& decisions) {
        finding_ = false;
        if (decisions.changed)
          on_decisions(decisions);
        if (can_find())
          find_later(config_.times.find_every);
        check_finished();
      },
      [this](const caf::error& reason) {
        finding_ = false;
        fail(reason);
      });
}

} // namespace sluice
