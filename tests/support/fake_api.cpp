#include "tests/support/fake_api.hpp"

#include <algorithm>
#include <utility>

namespace sluice::test {

// -- replies ------------------------------------------------------------------

submit_reply accepted_as(std::string run_id) {
  submit_reply reply;
  reply.verdict.action = submit_action::accepted;
  reply.verdict.run_id = std::move(run_id);
  reply.verdict.status = 201;
  reply.verdict.latency = std::chrono::milliseconds{1};
  return reply;
}

submit_reply answered_with(submit_action action, std::string message) {
  submit_reply reply;
  reply.verdict.action = action;
  reply.verdict.message = std::move(message);
  reply.verdict.status = action == submit_action::hold ? 0 : 400;
  reply.verdict.latency = std::chrono::milliseconds{1};
  return reply;
}

submit_reply refused_429() {
  auto reply = answered_with(submit_action::replan, "slow down");
  reply.verdict.status = 429;
  return reply;
}

read_verdict read_as(read_outcome outcome, std::string message) {
  read_verdict verdict;
  verdict.outcome = outcome;
  verdict.message = std::move(message);
  verdict.status = outcome == read_outcome::ok             ? 200
                   : outcome == read_outcome::rate_limited ? 429
                   : outcome == read_outcome::retry        ? 0
                                                           : 404;
  verdict.latency = std::chrono::milliseconds{1};
  return verdict;
}

status_reply status_of(run_phase phase, std::optional<uint64_t> extracted) {
  status_reply reply;
  reply.verdict = read_as(read_outcome::ok);
  reply.run.phase = phase;
  reply.run.state = phase == run_phase::done      ? "completed"
                    : phase == run_phase::failed  ? "failed"
                    : phase == run_phase::stopped ? "stopped"
                    : phase == run_phase::queued  ? "pending"
                                                  : "running";
  reply.run.extracted = extracted;
  return reply;
}

status_reply status_failing(read_outcome outcome) {
  status_reply reply;
  reply.verdict = read_as(outcome, "no status");
  return reply;
}

capture_identity identity_named(const std::string& name) {
  capture_identity id{};
  for (size_t i = 0; i < name.size(); ++i)
    id[i % id.size()] = static_cast<uint8_t>(id[i % id.size()] * 31 + name[i]);
  return id;
}

page_reply page_with(const std::vector<std::string>& names,
                     std::optional<page_cursor> next, size_t bytes) {
  page_reply reply;
  reply.verdict = read_as(read_outcome::ok);
  std::string body;
  for (auto& name : names) {
    capture_span url{body.size(), body.size() + name.size() + 2};
    reply.captures.add(
      {{url.begin + 1, url.end - 1}, identity_named(name), url});
    body += '"' + name + '"';
  }
  body.resize(std::max(bytes, body.size()), ' ');
  reply.body = std::make_shared<const std::string>(std::move(body));
  reply.next = std::move(next);
  return reply;
}

page_reply page_unreadable(const std::vector<std::string>& names) {
  auto reply = page_with(names);
  reply.verdict = read_as(read_outcome::unreadable, "not JSON");
  reply.verdict.status = 200;
  return reply;
}

page_reply page_failing(read_outcome outcome) {
  page_reply reply;
  reply.verdict = read_as(outcome, "no page");
  return reply;
}

// -- the API ------------------------------------------------------------------

submit_reply fake_api::reply_to(const submit_order& order) {
  submits.push_back(order);
  log->add("POST " + std::string{order.urls->front()});
  return on_submit(order);
}

status_reply fake_api::reply_to(const run_ref& run) {
  polls.push_back(run);
  log->add("poll " + run.id);
  return on_status(run);
}

page_reply fake_api::reply_to(const page_order& order) {
  pages.push_back(order);
  log->add("page " + order.run.id + " " + order.cursor);
  return on_page(order);
}

link_reply fake_api::reply_to(const link_order& order) {
  links.push_back(order);
  log->add("link " + order.run.id);
  return on_link(order);
}

run_list_reply fake_api::reply_to(const run_list_order& order) {
  log->add("runs " + order.robot);
  return on_runs(order);
}

read_verdict fake_api::reply_to(atoms::probe_atom) {
  ++probes;
  log->add("probe");
  return on_probe();
}

namespace {

template <class Reply, class Self, class Order>
caf::typed_response_promise<Reply>
take(Self* self, fake_api& api, const Order& order) {
  // The reply is made first, so that no promise exists if that throws.
  auto reply = api.reply_to(order);
  auto promise = self->template make_response_promise<Reply>();
  if (api.silent)
    api.held.add(self->address(),
                 [=]() mutable { promise.deliver(std::move(reply)); });
  else
    promise.deliver(std::move(reply));
  return promise;
}

} // namespace

holding<api_pool_actor>::behavior_type
fake_pool(holding<api_pool_actor>::pointer self, fake_api_ptr api) {
  return {
    [=](const permit& used, const submit_order& order) {
      api->permits.push_back(used);
      return take<submit_reply>(self, *api, order);
    },
    [=](const permit& used, const run_ref& run) {
      api->permits.push_back(used);
      return take<status_reply>(self, *api, run);
    },
    [=](const permit& used, const page_order& order) {
      api->permits.push_back(used);
      return take<page_reply>(self, *api, order);
    },
    [=](const permit& used, const link_order& order) {
      api->permits.push_back(used);
      return take<link_reply>(self, *api, order);
    },
    [=](const permit& used, const run_list_order& order) {
      api->permits.push_back(used);
      return take<run_list_reply>(self, *api, order);
    },
    [=](const permit& used, atoms::probe_atom order) {
      api->permits.push_back(used);
      return take<read_verdict>(self, *api, order);
    },
    carry_out,
  };
}

holding<api_worker_actor>::behavior_type
fake_worker(holding<api_worker_actor>::pointer self, fake_api_ptr api) {
  return {
    [=](const submit_order& order) {
      return take<submit_reply>(self, *api, order);
    },
    [=](const run_ref& run) { return take<status_reply>(self, *api, run); },
    [=](const page_order& order) {
      return take<page_reply>(self, *api, order);
    },
    [=](const link_order& order) {
      return take<link_reply>(self, *api, order);
    },
    [=](const run_list_order& order) {
      return take<run_list_reply>(self, *api, order);
    },
    [=](atoms::probe_atom order) {
      return take<read_verdict>(self, *api, order);
    },
    carry_out,
  };
}

} // namespace sluice::test
