// Submits in the memory ledger: a submit begins, its result is carried out, and
// a batch is divided. core/ledger/ledger_submit.cpp does the same in SQLite.

#include "tests/support/memory_ledger/memory_ledger.hpp"

namespace sluice::test {

caf::error
memory_ledger::begin_submit(batch_key batch, const lease& claim,
                            const std::optional<submit_ticket>& ticket) {
  auto err = move(batch_change::begin, batch, [&](memory_batch& begun) {
    begun.batch.ticket = ticket;
    begun.submitted_at_ms = claim.begun_ms;
    begun.worker = claim.worker;
    ++job_->requests.submits;
  });
  if (!err) {
    handed_out_.erase(batch);
    submitted_before_.erase(batch);
    worker_ = claim.worker;
  }
  return err;
}

caf::error memory_ledger::repeat_submit(batch_key batch, const lease&) {
  return change([&]() -> caf::error {
    auto* repeated = find(batch);
    if (repeated == nullptr || repeated->state != batch_state::in_flight
        || !repeated->batch.ticket)
      return wrong_state(batch, "in_flight with an idempotency key");
    search_.ended(batch);
    ++job_->requests.submits;
    return {};
  });
}

caf::error memory_ledger::settle(batch_key batch, submit_result result,
                                 const std::string& text, int64_t now_ms) {
  auto give_up_test = [&](memory_batch& settled) {
    settled.reason = text;
    search_.ended(batch);
  };
  switch (result) {
    case submit_result::accepted:
      return accept(batch, text, now_ms);
    case submit_result::replanned: {
      auto err = move(batch_change::replan, batch, [](memory_batch&) {});
      if (!err)
        submitted_before_.insert(batch);
      return err;
    }
    case submit_result::all_replanned:
      return replan_all(batch);
    case submit_result::held:
      return move(batch_change::hold, batch, give_up_test);
    case submit_result::split:
      return split(batch);
    case submit_result::narrowed:
      return narrow(batch, text);
    case submit_result::rejected:
      return move(batch_change::reject, batch, give_up_test);
  }
  return misused("a submit has no result");
}

caf::error memory_ledger::taken_run(batch_key batch, const std::string& run_id,
                                    ec code) const {
  for (auto& [key, other] : job_->batches)
    if (key != batch && other.run_id == run_id
        && other.state != batch_state::split)
      return make_error(code, "run " + run_id + " is the run of batch "
                                + std::to_string(key) + " already");
  return {};
}

caf::error memory_ledger::accept(batch_key batch, const std::string& run_id,
                                 int64_t now_ms) {
  if (auto err = taken_run(batch, run_id, ec::bad_reply))
    return err;
  auto apply = [&](memory_batch& run) {
    run.run_id = run_id;
    run.submitted_at_ms = now_ms;
  };
  if (auto err = move(batch_change::accept, batch, apply))
    return err;
  search_.accepted(batch);
  return {};
}

caf::error memory_ledger::replan_all(batch_key batch) {
  return move(batch_change::replan, batch, [&](memory_batch&) {
    for (auto& [key, other] : job_->batches)
      if (may_change(other.state, batch_change::replan_all)
          && other.retried + other.to_retry == 0) {
        other.state = target_of(batch_change::replan_all);
        other.reason.reset();
      }
  });
}

caf::error memory_ledger::split(batch_key batch) {
  auto* whole = find(batch);
  if (whole == nullptr)
    return wrong_state(batch, origin_of(batch_change::split));
  auto halves = divide(batch_change::split, batch, 0, whole->urls() / 2);
  if (!halves)
    return halves.error();
  search_.ended(batch);
  submitted_before_.insert({halves->first, halves->second});
  return {};
}

caf::expected<std::pair<batch_key, batch_key>>
memory_ledger::divide(batch_change by, batch_key key, size_t begin,
                      size_t end) {
  auto whole = *find(key);
  auto count = end - begin;
  if (count == 0 || count >= whole.urls())
    return misused("a batch cannot be divided after " + std::to_string(count)
                   + " URLs");
  std::pair<batch_key, batch_key> result;
  auto err = move(by, key, [&](memory_batch&) {
    std::vector<std::string> rest{whole.batch.urls.begin(),
                                  whole.batch.urls.end()};
    auto from = rest.begin() + static_cast<ptrdiff_t>(begin);
    auto to = rest.begin() + static_cast<ptrdiff_t>(end);
    std::vector<std::string> part{from, to};
    rest.erase(from, to);
    auto depth = whole.batch.depth + 1;
    result.first = add_part(whole, depth, part);
    result.second = add_part(whole, depth, rest);
  });
  if (err)
    return err;
  return result;
}

batch_key memory_ledger::add_part(const memory_batch& whole, uint32_t depth,
                                  const std::vector<std::string>& urls) {
  auto key = job_->next_key();
  auto& part = put(key, urls);
  part.batch.robot = whole.batch.robot;
  part.batch.depth = depth;
  part.retries = whole.retries;
  part.round = whole.round;
  part.is_resubmitted = whole.is_resubmitted;
  return key;
}

caf::expected<uint64_t> memory_ledger::hold_interrupted(bool repeatable) {
  uint64_t held = 0;
  to_repeat_.clear();
  auto err = change([&]() -> caf::error {
    for (auto& [key, found] : job_->batches) {
      if (found.state != batch_state::in_flight)
        continue;
      if (repeatable && found.batch.ticket) {
        to_repeat_.push_back(key);
        continue;
      }
      found.state = target_of(batch_change::interrupt);
      found.reason = "interrupted while being submitted";
      ++held;
    }
    return {};
  });
  if (err)
    return err;
  return held;
}

size_t memory_ledger::left_to_repeat() const noexcept {
  return to_repeat_.size();
}

caf::expected<bool> memory_ledger::has_runs() {
  return any_run();
}

} // namespace sluice::test
