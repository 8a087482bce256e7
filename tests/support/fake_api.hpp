// The API for tests: functions make the replies, and orders are recorded.
// Replaces the whole pool, or one worker behind the real pool.

#pragma once

#include "actors/protocol.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/run.hpp"
#include "tests/support/held_replies.hpp"
#include "tests/support/journal.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sluice::test {

// -- replies ------------------------------------------------------------------

[[nodiscard]] inline submit_reply accepted_as(std::string run_id) {
  submit_reply reply;
  reply.verdict.action = submit_action::accepted;
  reply.verdict.run_id = std::move(run_id);
  reply.verdict.status = 201;
  reply.verdict.latency = std::chrono::milliseconds{1};
  return reply;
}

[[nodiscard]] inline submit_reply
answered_with(submit_action action, std::string message = "no") {
  submit_reply reply;
  reply.verdict.action = action;
  reply.verdict.message = std::move(message);
  reply.verdict.status = action == submit_action::hold ? 0 : 400;
  reply.verdict.latency = std::chrono::milliseconds{1};
  return reply;
}

[[nodiscard]] inline submit_reply refused_429() {
  auto reply = answered_with(submit_action::replan, "slow down");
  reply.verdict.status = 429;
  return reply;
}

[[nodiscard]] inline read_verdict
read_as(read_outcome outcome, std::string message = {}) {
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

[[nodiscard]] inline status_reply
status_of(run_phase phase, std::optional<uint64_t> extracted = {}) {
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

[[nodiscard]] inline status_reply status_failing(read_outcome outcome) {
  status_reply reply;
  reply.verdict = read_as(outcome, "no status");
  return reply;
}

/// The identity that `page_with` gives to a capture of this name.
[[nodiscard]] inline capture_identity identity_named(const std::string& name) {
  capture_identity id{};
  for (size_t i = 0; i < name.size(); ++i)
    id[i % id.size()] = static_cast<uint8_t>(id[i % id.size()] * 31 + name[i]);
  return id;
}

/// A page with captures of these names. A name is also the URL and appears
/// quoted in the body, which is padded with blanks to `bytes`.
[[nodiscard]] inline page_reply page_with(const std::vector<std::string>& names,
                                          std::optional<page_cursor> next = {},
                                          size_t bytes = 0) {
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

/// A page with a defect after the captures of these names.
[[nodiscard]] inline page_reply
page_unreadable(const std::vector<std::string>& names = {}) {
  auto reply = page_with(names);
  reply.verdict = read_as(read_outcome::unreadable, "not JSON");
  reply.verdict.status = 200;
  return reply;
}

[[nodiscard]] inline page_reply page_failing(read_outcome outcome) {
  page_reply reply;
  reply.verdict = read_as(outcome, "no page");
  return reply;
}

// -- the API ------------------------------------------------------------------

/// Shared by the test and the actors that answer for it.
struct fake_api {
  std::function<submit_reply(const submit_order&)> on_submit =
    [this](const submit_order&) {
      return accepted_as("run_" + std::to_string(submits.size()));
    };
  std::function<status_reply(const run_ref&)> on_status = [](const run_ref&) {
    return status_of(run_phase::active);
  };
  std::function<page_reply(const page_order&)> on_page = [](const page_order&) {
    return page_with({});
  };
  std::function<link_reply(const link_order&)> on_link = [](const link_order&) {
    return link_reply{};
  };
  std::function<run_list_reply(const run_list_order&)> on_runs =
    [](const run_list_order&) { return run_list_reply{}; };
  std::function<read_verdict()> on_probe = [] {
    return read_as(read_outcome::ok);
  };

  /// While true, replies are held back until `answer`.
  bool silent = false;

  std::vector<submit_order> submits;
  std::vector<run_ref> polls;
  std::vector<page_order> pages;
  std::vector<link_order> links;
  uint64_t probes = 0;
  std::vector<permit> permits; ///< those that came with requests
  journal_ptr log = std::make_shared<journal>();
  held_replies held;

  /// Answers the `count` oldest requests held back.
  void answer(size_t count = SIZE_MAX) { held.answer(count); }

  [[nodiscard]] submit_reply reply_to(const submit_order& order) {
    submits.push_back(order);
    log->add("POST " + std::string{order.urls->front()});
    return on_submit(order);
  }
  [[nodiscard]] status_reply reply_to(const run_ref& run) {
    polls.push_back(run);
    log->add("poll " + run.id);
    return on_status(run);
  }
  [[nodiscard]] page_reply reply_to(const page_order& order) {
    pages.push_back(order);
    log->add("page " + order.run.id + " " + order.cursor);
    return on_page(order);
  }
  [[nodiscard]] link_reply reply_to(const link_order& order) {
    links.push_back(order);
    log->add("link " + order.run.id);
    return on_link(order);
  }
  [[nodiscard]] run_list_reply reply_to(const run_list_order& order) {
    log->add("runs " + order.robot);
    return on_runs(order);
  }
  [[nodiscard]] read_verdict reply_to(atoms::probe_atom) {
    ++probes;
    log->add("probe");
    return on_probe();
  }

  template <class Reply, class Self, class Order>
  caf::typed_response_promise<Reply> take(Self* self, const Order& order) {
    // The reply is made first, so that no promise exists if that throws.
    auto reply = reply_to(order);
    auto promise = self->template make_response_promise<Reply>();
    if (silent)
      held.add(self->address(),
               [=]() mutable { promise.deliver(std::move(reply)); });
    else
      promise.deliver(std::move(reply));
    return promise;
  }
};

using fake_api_ptr = std::shared_ptr<fake_api>;

inline holding<api_pool_actor>::behavior_type
fake_pool(holding<api_pool_actor>::pointer self, fake_api_ptr api) {
  return {
    [=](const permit& used, const submit_order& order) {
      api->permits.push_back(used);
      return api->take<submit_reply>(self, order);
    },
    [=](const permit& used, const run_ref& run) {
      api->permits.push_back(used);
      return api->take<status_reply>(self, run);
    },
    [=](const permit& used, const page_order& order) {
      api->permits.push_back(used);
      return api->take<page_reply>(self, order);
    },
    [=](const permit& used, const link_order& order) {
      api->permits.push_back(used);
      return api->take<link_reply>(self, order);
    },
    [=](const permit& used, const run_list_order& order) {
      api->permits.push_back(used);
      return api->take<run_list_reply>(self, order);
    },
    [=](const permit& used, atoms::probe_atom order) {
      api->permits.push_back(used);
      return api->take<read_verdict>(self, order);
    },
    carry_out,
  };
}

inline holding<api_worker_actor>::behavior_type
fake_worker(holding<api_worker_actor>::pointer self, fake_api_ptr api) {
  return {
    [=](const submit_order& order) {
      return api->take<submit_reply>(self, order);
    },
    [=](const run_ref& run) { return api->take<status_reply>(self, run); },
    [=](const page_order& order) { return api->take<page_reply>(self, order); },
    [=](const link_order& order) { return api->take<link_reply>(self, order); },
    [=](const run_list_order& order) {
      return api->take<run_list_reply>(self, order);
    },
    [=](atoms::probe_atom order) {
      return api->take<read_verdict>(self, order);
    },
    carry_out,
  };
}

} // namespace sluice::test
