// The part of run_submitter that repeats ambiguous submits if the API
// honours idempotency keys. Such a batch stays in hand, and in flight in the
// ledger, until its outcome is known or it is held. If the job ends first, the
// next start repeats it.

#include "actors/run_submitter.hpp"
#include "core/base/crash_point.hpp"
#include "core/base/log.hpp"

namespace sluice {

using kind = submit_result;

namespace {

void show_repeat(batch_key batch, const std::string& reason) {
  log_event(log_level::warn, "submit_to_repeat",
            "it is unknown whether a run exists for this batch; its submit is "
            "repeated with the same idempotency key",
            {{"batch", batch}, {"reason", reason}});
}

} // namespace

run_submitter_state::keyed_submit&
run_submitter_state::keep_ticket(batch_key batch, submit_ticket ticket) {
  auto& times = config_.times;
  keyed_submit submit{
    std::move(ticket),
    self_->clock().now(),
    retry_policy{times.backoff_base, times.backoff_cap,
                 config_.seed + static_cast<uint64_t>(batch)},
    false,
    nullptr,
  };
  return keyed_.insert_or_assign(batch, std::move(submit)).first->second;
}

caf::expected<submit_intent>
run_submitter_state::intent_of(batch_key batch, submit_order& order) {
  submit_intent intent{batch};
  if (!config_.idempotent)
    return intent;
  auto keyed = keyed_.find(batch);
  if (keyed != keyed_.end()) {
    order.ticket = keyed->second.ticket;
    intent.again = true;
    return intent;
  }
  auto ticket = config_.idempotent->new_ticket(order, config_.wall_ms());
  if (!ticket)
    return ticket.error();
  keep_ticket(batch, *ticket);
  order.ticket = *ticket;
  intent.ticket = std::move(*ticket);
  return intent;
}

key_age run_submitter_state::age_of(const keyed_submit& submit) const {
  using ms = std::chrono::milliseconds;
  return {
    ms{config_.wall_ms() - submit.ticket.first_sent_at_ms},
    std::chrono::duration_cast<ms>(self_->clock().now() - submit.known_since)};
}

bool run_submitter_state::is_too_late(batch_key batch) const {
  auto keyed = keyed_.find(batch);
  return keyed != keyed_.end() && keyed->second.ambiguous
         && !config_.idempotent->rule.is_valid(age_of(keyed->second));
}

void run_submitter_state::hold_unsent(const batch_ptr& batch) {
  drain_.add();
  keyed_.erase(batch->key);
  submit_reply nothing;
  nothing.verdict.not_sent = true;
  record(batch, {batch->key, kind::held, submit_repeat::expired()}, nothing);
}

void run_submitter_state::await_repeat(const batch_ptr& batch,
                                       keyed_submit& submit,
                                       const submit_reply& reply) {
  auto& verdict = reply.verdict;
  submit.ambiguous = true;
  drain_.remove();
  crash_point(crash_at::repeat_awaited);
  show_repeat(batch->key, verdict.message);
  auto is_silent = verdict.action == submit_action::hold;
  if (is_silent && !gate_->ambiguous_in_hand())
    end_submitting(make_error(
      ec::stopped, "submitting ended after "
                     + std::to_string(submit_gate::most_ambiguous)
                     + " ambiguous submits in a row (last: " + verdict.message
                     + "), which are repeated when the job is continued"));
  else if (!is_silent && !verdict.not_sent)
    gate_->answered_in_hand();
  if (gate_->halted() || drain_.begun())
    give_back(*batch);
  else if (verdict.rate_limited()) // the limiter delays it
    parked_.push_back(batch);
  else
    rest(batch, submit, verdict.least_wait());
  if (is_silent)
    probe();
  drain_.answer_if_idle();
  pump();
}

void run_submitter_state::rest(const batch_ptr& batch, keyed_submit& submit,
                               duration at_least) {
  submit.resting = batch;
  gate_->rests();
  self_->delayed_send(self_, submit.pauses.next(at_least),
                      atoms::wake_atom::value, batch->key);
}

void run_submitter_state::wake(batch_key batch) {
  auto keyed = keyed_.find(batch);
  if (keyed == keyed_.end() || !keyed->second.resting)
    return;
  gate_->wakes();
  parked_.push_back(std::exchange(keyed->second.resting, nullptr));
  pump();
}

void run_submitter_state::give_back_resting() {
  for (auto keyed = keyed_.begin(); keyed != keyed_.end();) {
    auto resting = keyed->second.resting;
    ++keyed;
    if (!resting)
      continue;
    gate_->wakes();
    give_back(*resting);
  }
}

} // namespace sluice
