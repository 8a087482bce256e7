#include "bench/makespan/virtual_api.hpp"

#include "tests/support/fake_api.hpp"

#include <algorithm>
#include <string>

namespace sluice::bench {

using test::accepted_as;
using test::page_with;
using test::read_as;
using test::refused_429;
using test::status_failing;
using test::status_of;

namespace {

run_phase phase_of(sim::run_state state) {
  switch (state) {
    case sim::run_state::pending:
      return run_phase::queued;
    case sim::run_state::starting:
    case sim::run_state::running:
      return run_phase::active;
    case sim::run_state::completed:
      return run_phase::done;
    case sim::run_state::failed:
      return run_phase::failed;
  }
  return run_phase::active;
}

/// Runs on a worker. Carries `order` to the API and its reply back.
template <class Reply, class Order>
caf::typed_response_promise<Reply>
carry(virtual_worker_actor::pointer self,
      const std::shared_ptr<virtual_api>& api, const Order& order) {
  auto promise = self->make_response_promise<Reply>();
  auto there = api->next_delay();
  auto back = api->next_delay();
  auto arrive = [=] {
    auto reply = api->answer(order, self->clock().now());
    if constexpr (std::is_same_v<Reply, read_verdict>)
      reply.latency = there + back;
    else
      reply.verdict.latency = there + back;
    auto return_it = [=]() mutable { promise.deliver(std::move(reply)); };
    self->delayed_send(self, back, test::deed{return_it});
  };
  self->delayed_send(self, there, test::deed{arrive});
  return promise;
}

} // namespace

virtual_api::virtual_api(const simulator_options& options, time_point begin)
    : options_{options},
      begin_{begin},
      world_{options},
      bucket_{options.requests_per_minute, options.burst},
      dice_{options.seed} {}

bool virtual_api::admit(time_point now) {
  ++requests_;
  auto admitted = bucket_.take(now - begin_);
  refused_ += admitted ? 0 : 1;
  return admitted;
}

submit_reply virtual_api::answer(const submit_order& order, time_point now) {
  if (!admit(now))
    return refused_429();
  sim::run_content content;
  content.url_count = static_cast<uint32_t>(order.urls->size());
  content.url_limit = content.url_count;
  content.captures = content.url_count;
  return accepted_as(world_.create(content, now - begin_).content->id);
}

status_reply virtual_api::answer(const run_ref& run, time_point now) {
  if (!admit(now))
    return status_failing(read_outcome::rate_limited);
  auto view = world_.find(run.id, now - begin_);
  if (!view)
    return status_failing(read_outcome::gone);
  auto reply = status_of(phase_of(view->state));
  if (options_.progress) {
    reply.run.extracted = view->extracted;
    reply.run.queue = view->queue;
  }
  return reply;
}

page_reply virtual_api::answer(const page_order& order, time_point now) {
  if (!admit(now))
    return test::page_failing(read_outcome::rate_limited);
  auto view = world_.find(order.run.id, now - begin_);
  if (!view)
    return test::page_failing(read_outcome::gone);
  uint64_t at = order.cursor.empty() ? 0 : std::stoull(order.cursor);
  auto end = std::min<uint64_t>(at + options_.page_size, view->listed);
  std::vector<std::string> names;
  for (; at < end; ++at)
    names.push_back(order.run.id + '/' + std::to_string(at));
  return page_with(names, end < view->listed
                            ? std::optional{std::to_string(end)}
                            : std::nullopt);
}

/// No job here uses downloads.
link_reply virtual_api::answer(const link_order&, time_point now) {
  return {answer(atoms::probe_atom::value, now), {}};
}

run_list_reply virtual_api::answer(const run_list_order&, time_point now) {
  return {answer(atoms::probe_atom::value, now), {}};
}

read_verdict virtual_api::answer(atoms::probe_atom, time_point now) {
  return read_as(admit(now) ? read_outcome::ok : read_outcome::rate_limited);
}

duration virtual_api::next_delay() {
  auto share = dice_.share(sim::draw::request_fault, delays_++);
  return sim::from_seconds(0.03 + 0.12 * share);
}

virtual_worker_actor::behavior_type
virtual_worker(virtual_worker_actor::pointer self,
               std::shared_ptr<virtual_api> api) {
  return {
    [=](const submit_order& order) {
      return carry<submit_reply>(self, api, order);
    },
    [=](const run_ref& run) { return carry<status_reply>(self, api, run); },
    [=](const page_order& order) {
      return carry<page_reply>(self, api, order);
    },
    [=](const link_order& order) {
      return carry<link_reply>(self, api, order);
    },
    [=](const run_list_order& order) {
      return carry<run_list_reply>(self, api, order);
    },
    [=](atoms::probe_atom probe) {
      return carry<read_verdict>(self, api, probe);
    },
    test::carry_out,
  };
}

} // namespace sluice::bench
