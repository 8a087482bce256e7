#include "actors/api_pool.hpp"

#include "core/base/log.hpp"

#include <algorithm>
#include <cassert>

namespace sluice {

namespace {

/// Why the API could not be reached, or why its reply is unusable; nullptr if
/// neither.
const std::string* failure_in(const submit_verdict& verdict) {
  auto is_failure =
    verdict.action == submit_action::hold
    || (verdict.action == submit_action::replan && !verdict.rate_limited());
  return is_failure ? &verdict.message : nullptr;
}

const std::string* failure_in(const read_verdict& verdict) {
  auto is_failure = verdict.outcome == read_outcome::retry
                    || verdict.outcome == read_outcome::unreadable;
  return is_failure ? &verdict.message : nullptr;
}

const read_verdict& verdict_of(const read_verdict& reply) {
  return reply;
}

template <class Reply>
const auto& verdict_of(const Reply& reply) {
  return reply.verdict;
}

/// Another server's reply says nothing about the API's bucket.
request_report
report_of(const permit& used, duration queued, const reply_facts& facts) {
  if (facts.elsewhere)
    return {used, false, false, queued};
  return {used,
          facts.rate_limited(),
          facts.answered(),
          queued + facts.latency,
          facts.least_wait(),
          facts.quota};
}

// What a request asks for, for the log.

std::string subject_of(const submit_order&) {
  return "a submit";
}

std::string subject_of(const run_ref& run) {
  return "the status of " + printable(run.id);
}

std::string subject_of(const run_list_order&) {
  return "the list of runs";
}

std::string subject_of(atoms::probe_atom) {
  return "whether it answers";
}

template <class Order>
std::string subject_of(const Order& order) {
  return "the captures of " + printable(order.run.id);
}

/// The reply to a request whose worker died: the request may or may not have
/// been carried out, which is what the verdicts' defaults mean.
template <class Reply>
Reply unknown_reply(const caf::error& reason) {
  Reply reply;
  auto text = "the worker ended: " + what_of(reason);
  if constexpr (std::is_same_v<Reply, read_verdict>)
    reply.message = std::move(text);
  else
    reply.verdict.message = std::move(text);
  return reply;
}

} // namespace

api_pool_state::~api_pool_state() {
  for (auto& [request, promise] : waiting_)
    promise.deliver(make_error(ec::stopped, "the API pool has ended"));
}

void api_pool_state::count(request_kind kind) {
  auto& counters = *config_.counters;
  switch (kind) {
    case request_kind::submit:
      ++counters.submits;
      break;
    case request_kind::page:
      ++counters.pages;
      break;
    case request_kind::poll:
    case request_kind::spare_poll:
      ++counters.polls;
      break;
  }
}

void api_pool_state::count_reply(request_kind kind, int status) {
  auto& counters = *config_.counters;
  switch (kind) {
    case request_kind::submit:
      return counters.submit_replies.add(status);
    case request_kind::page:
      return counters.page_replies.add(status);
    case request_kind::poll:
    case request_kind::spare_poll:
      return counters.poll_replies.add(status);
  }
}

void api_pool_state::note_failure(const std::string& request,
                                  const std::string& failure) {
  if (outage_.happened(self_->clock().now()))
    log_event(log_level::warn, "request_failed",
              "the API cannot be reached, or its reply is unusable; trying "
              "again with growing pauses",
              {{"request", request}, {"reason", failure}});
  config_.counters->api_failure.set(failure);
}

void api_pool_state::note_answer() {
  if (outage_.ended())
    log_event(log_level::info, "api_answers", "the API answers again");
  config_.counters->api_failure.set({});
}

void api_pool_state::note_elsewhere(const std::string& request,
                                    const std::string* failure) {
  config_.counters->link_failure.set(
    failure ? "a link from the API fails: " + *failure : std::string{});
  if (!failure)
    return;
  ++config_.counters->failures;
  if (outage_elsewhere_.happened(self_->clock().now()))
    log_event(
      log_level::warn, "link_failed",
      "the server that a link from the API points to cannot be reached, "
      "or its reply is unusable; trying again with growing pauses",
      {{"request", request}, {"reason", *failure}});
}

void api_pool_state::note_contact(const reply_facts& facts,
                                  const std::string* failure) {
  if (facts.answered())
    return contact_.answered();
  auto now = self_->clock().now();
  auto patience =
    std::max(config_.times.no_contact_after, facts.hopeless_after);
  if (contact_.failed(now, facts.hopeless, patience))
    self_->send(config_.supervisor, atoms::failed_atom::value,
                make_error(ec::api_refused,
                           "the API cannot be reached at its address: "
                             + (failure ? *failure : std::string{})
                             + "; correct api.base_url, api.proxy or "
                               "api.ca_file, then run the same command again"));
}

void api_pool_state::note_api(const std::string& request,
                              const reply_facts& facts,
                              const std::string* failure) {
  if (!facts.answered())
    ++config_.counters->failures;
  note_contact(facts, failure);
  if (failure)
    note_failure(request, *failure);
  else
    note_answer();
}

void api_pool_state::finish(const api_worker_actor& worker,
                            request_report report) {
  if (report.refused)
    ++config_.counters->rate_limited;
  idle_.push_back(worker);
  self_->send(config_.limiter, report);
}

template <class Reply, class Order>
caf::typed_response_promise<Reply>
api_pool_state::run(const permit& used, const Order& order) {
  assert(!idle_.empty());
  auto worker = idle_.back();
  idle_.pop_back();
  count(used.kind);
  auto promise = self_->template make_response_promise<Reply>();
  auto request = ++requests_;
  waiting_.emplace(request, promise);
  auto queued = self_->clock().now() - used.granted_at;
  auto subject = subject_of(order);
  self_->request(worker, caf::infinite, order)
    .then(
      [=, this](Reply& reply) mutable {
        waiting_.erase(request);
        auto& verdict = verdict_of(reply);
        auto* failure = failure_in(verdict);
        count_reply(used.kind, verdict.status);
        if (verdict.elsewhere)
          note_elsewhere(subject, failure);
        else
          note_api(subject, verdict, failure);
        finish(worker, report_of(used, queued, verdict));
        promise.deliver(std::move(reply));
      },
      [=, this](const caf::error& reason) mutable {
        waiting_.erase(request);
        // The dead worker does not become idle: the job is about to stop.
        log_event(log_level::error, "worker_died", what_of(reason));
        promise.deliver(unknown_reply<Reply>(reason));
      });
  return promise;
}

api_pool_actor::behavior_type
api_pool_state::make_behavior(api_pool_config config) {
  config_ = std::move(config);
  contact_ = first_contact{config_.reached};
  idle_ = config_.workers;
  self_->send(config_.limiter, atoms::idle_atom::value,
              static_cast<uint32_t>(idle_.size()));
  return {
    [this](const permit& used, const submit_order& order) {
      return run<submit_reply>(used, order);
    },
    [this](const permit& used, const run_ref& order) {
      return run<status_reply>(used, order);
    },
    [this](const permit& used, const page_order& order) {
      return run<page_reply>(used, order);
    },
    [this](const permit& used, const link_order& order) {
      return run<link_reply>(used, order);
    },
    [this](const permit& used, const run_list_order& order) {
      return run<run_list_reply>(used, order);
    },
    [this](const permit& used, atoms::probe_atom order) {
      return run<read_verdict>(used, order);
    },
  };
}

api_pool_actor::behavior_type
api_pool(api_pool_state::pointer self, api_pool_config config) {
  return self->state.make_behavior(std::move(config));
}

} // namespace sluice
