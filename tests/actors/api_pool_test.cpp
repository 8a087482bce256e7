#include "actors/api_pool.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/problems_since.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// What the limiter receives.
struct heard {
  uint32_t idle = 0;
  std::vector<request_report> reports;
};

rate_limiter_actor::behavior_type
listening_limiter(rate_limiter_actor::pointer, std::shared_ptr<heard> state) {
  return {
    [](atoms::permit_atom, request_kind kind) {
      return permit{kind, {}};
    },
    [](atoms::release_atom, const permit&) {},
    [=](atoms::idle_atom, uint32_t count) { state->idle += count; },
    [=](const request_report& report) { state->reports.push_back(report); },
    [](atoms::wake_atom, uint64_t) {},
  };
}

struct pool_fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  std::shared_ptr<heard> limiter = std::make_shared<heard>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  std::vector<api_worker_actor> workers;
  api_pool_actor pool;
  bool reached = false; ///< by an earlier process

  void start(size_t count) {
    for (size_t i = 0; i < count; ++i)
      workers.push_back(spawn(fake_worker, api));
    pool = spawn(api_pool,
                 api_pool_config{workers, spawn(listening_limiter, limiter),
                                 counters, spawn(supervisor_double, boss),
                                 timing{}, reached});
    run();
  }

  answer_ptr<submit_reply> submit() {
    submit_order order;
    order.urls = std::make_shared<url_table>(url_table{"u"});
    return ask<submit_reply>(pool, permit{request_kind::submit, now()}, order);
  }
  answer_ptr<status_reply> poll() {
    return ask<status_reply>(pool, permit{request_kind::poll, now()},
                             run_ref{"r", {}});
  }
  answer_ptr<page_reply> page() {
    return ask<page_reply>(pool, permit{request_kind::page, now()},
                           page_order{{"r", {}}, "c"});
  }
};

} // namespace

TEST_CASE_METHOD(pool_fixture, "the pool reports its workers as idle") {
  start(3);
  CHECK(limiter->idle == 3);
}

TEST_CASE_METHOD(pool_fixture,
                 "each order reaches a worker and its reply is returned") {
  start(1);
  auto submitted = submit();
  REQUIRE(submitted->value);
  CHECK(submitted->value->verdict.run_id == "run_1");
  CHECK(poll()->value);
  CHECK(page()->value);
  CHECK(api->pages.at(0).cursor == "c");
  auto probe = ask<read_verdict>(pool, permit{request_kind::poll, now()},
                                 atoms::probe_atom::value);
  CHECK(probe->value);
  CHECK(counters->submits == 1);
  CHECK(counters->polls == 2);
  CHECK(counters->pages == 1);
}

TEST_CASE_METHOD(pool_fixture,
                 "as many requests as workers are in progress at once") {
  start(3);
  api->silent = true;
  std::vector open{poll(), poll(), poll()};
  CHECK(api->polls.size() == 3);
  api->answer();
  run();
  for (auto& reply : open)
    CHECK(reply->value);
}

TEST_CASE_METHOD(pool_fixture,
                 "the limiter receives a report about every reply") {
  start(1);
  auto granted = now();
  SECTION("an answer and its latency") {
    auto reply = status_of(run_phase::active);
    reply.verdict.latency = 250ms;
    api->on_status = [=](const run_ref&) { return reply; };
    poll();
    REQUIRE(limiter->reports.size() == 1);
    CHECK(limiter->reports[0].answered);
    CHECK_FALSE(limiter->reports[0].refused);
    CHECK(limiter->reports[0].delay == 250ms);
    CHECK(limiter->reports[0].used.granted_at == granted);
  }
  SECTION("the quota that the server reports") {
    auto reply = status_of(run_phase::active);
    reply.verdict.quota = quota_left{3, 2s};
    api->on_status = [=](const run_ref&) { return reply; };
    poll();
    api->on_submit = [](const submit_order&) {
      auto accepted = refused_429();
      accepted.verdict.quota = quota_left{2, 1s};
      return accepted;
    };
    submit();
    REQUIRE(limiter->reports.size() == 2);
    CHECK(limiter->reports[0].quota == quota_left{3, 2s});
    CHECK(limiter->reports[1].quota == quota_left{2, 1s});
  }
  SECTION("a 429 to a read, with its hint") {
    auto reply = status_failing(read_outcome::rate_limited);
    reply.verdict.retry_after = 20s;
    api->on_status = [=](const run_ref&) { return reply; };
    poll();
    REQUIRE(limiter->reports.size() == 1);
    CHECK(limiter->reports[0].refused);
    CHECK(limiter->reports[0].answered);
    CHECK(limiter->reports[0].hint == 20s);
    CHECK(counters->rate_limited == 1);
  }
  SECTION("a 429 to a submit") {
    api->on_submit = [](const submit_order&) { return refused_429(); };
    submit();
    REQUIRE(limiter->reports.size() == 1);
    CHECK(limiter->reports[0].refused);
  }
  SECTION("no reply at all") {
    api->on_status = [](const run_ref&) {
      return status_failing(read_outcome::retry);
    };
    poll();
    REQUIRE(limiter->reports.size() == 1);
    CHECK_FALSE(limiter->reports[0].answered);
    CHECK(counters->failures == 1);
  }
}

TEST_CASE_METHOD(
  pool_fixture, "a reply from another server does not affect the API's limit") {
  start(1);
  api->on_page = [](const page_order&) {
    auto reply = page_failing(read_outcome::retry);
    reply.verdict.status = 429;
    reply.verdict.retry_after = 10min;
    reply.verdict.latency = 30s;
    reply.verdict.elsewhere = true;
    return reply;
  };
  page();
  REQUIRE(limiter->reports.size() == 1);
  auto& report = limiter->reports[0];
  CHECK_FALSE(report.refused);
  CHECK_FALSE(report.answered);
  CHECK(report.hint == duration::zero());
  CHECK(report.delay == duration::zero());
  CHECK_FALSE(report.quota);
  CHECK(counters->rate_limited == 0);
  CHECK(counters->failures == 1);
}

TEST_CASE_METHOD(pool_fixture,
                 "the time between grant and sending counts as delay") {
  start(1);
  permit granted{request_kind::poll, now()};
  advance(3s);
  ask<status_reply>(pool, granted, run_ref{"r", {}});
  REQUIRE(limiter->reports.size() == 1);
  CHECK(limiter->reports[0].delay == 3001ms);
}

TEST_CASE_METHOD(pool_fixture,
                 "a submit whose worker dies during the POST is ambiguous") {
  start(1);
  api->on_submit = [](const submit_order&) -> submit_reply {
    throw std::runtime_error{"a bug"};
  };
  auto reply = submit();
  REQUIRE(reply->value);
  CHECK(reply->value->verdict.action == submit_action::hold);
  CHECK_FALSE(reply->value->verdict.rate_limited());
  CHECK_THAT(reply->value->verdict.message, Catch::Contains("worker"));
}

TEST_CASE_METHOD(
  pool_fixture,
  "a worker that dies does not become idle, and its read may be repeated") {
  start(2);
  api->on_status = [](const run_ref&) -> status_reply {
    throw std::runtime_error{"a bug"};
  };
  auto first = poll();
  REQUIRE(first->value);
  CHECK(first->value->verdict.outcome == read_outcome::retry);
  CHECK(limiter->reports.empty());
  CHECK(page()->value); // on the other worker
  CHECK(limiter->reports.size() == 1);
}

TEST_CASE_METHOD(pool_fixture,
                 "a pool that ends answers all waiting requests") {
  start(2);
  api->silent = true;
  auto submitted = submit();
  auto polled = poll();
  CHECK(submitted->pending());
  end(pool);
  CHECK(code_of(submitted->error) == ec::stopped);
  CHECK(code_of(polled->error) == ec::stopped);
}

namespace {

submit_reply not_sent(const std::string& why) {
  auto reply = answered_with(submit_action::replan, why);
  reply.verdict.not_sent = true;
  reply.verdict.status = 0;
  return reply;
}

} // namespace

TEST_CASE_METHOD(
  pool_fixture,
  "a failing API is reported at once with the cause, then once a minute") {
  start(1);
  auto before = recent_problems();
  api->on_submit = [](const submit_order&) {
    return not_sent("connection refused");
  };
  submit();
  auto told = problems_since(before, "request_failed");
  REQUIRE(told.size() == 1);
  CHECK(told[0].level == log_level::warn);
  CHECK(told[0].fields.at(0).second == "a submit");
  CHECK(told[0].fields.at(1).second == "connection refused");
  CHECK(counters->api_failure.get() == "connection refused");

  // Other requests in the meantime belong to the same outage.
  api->on_status = [](const run_ref&) {
    return status_failing(read_outcome::retry);
  };
  for (auto i = 0; i < 55; ++i) {
    advance(1s);
    poll();
  }
  CHECK(problems_since(before, "request_failed").size() == 1);
  advance(10s);
  api->on_probe = [] { return read_as(read_outcome::retry, "HTTP 502"); };
  ask<read_verdict>(pool, permit{request_kind::poll, now()},
                    atoms::probe_atom::value);
  told = problems_since(before, "request_failed");
  REQUIRE(told.size() == 2);
  CHECK(told[1].fields.at(1).second == "HTTP 502");

  api->on_status = [](const run_ref&) { return status_of(run_phase::active); };
  poll();
  CHECK(counters->api_failure.get().empty());
}

TEST_CASE_METHOD(pool_fixture,
                 "a job whose API has never been reached ends with the cause") {
  start(1);
  auto lost = not_sent("there is no host api.test");
  lost.verdict.hopeless = true;
  api->on_submit = [=](const submit_order&) { return lost; };
  submit();
  advance(29s);
  submit();
  CHECK(boss->failures.empty());
  advance(1s);
  submit();
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
  CHECK_THAT(
    what_of(boss->failures[0]),
    Catch::Contains("there is no host api.test; correct api.base_url"));
}

TEST_CASE_METHOD(pool_fixture,
                 "a job waits for an API that has answered once") {
  start(1);
  api->on_status = [](const run_ref&) { return status_of(run_phase::active); };
  poll();
  auto lost = not_sent("there is no host api.test");
  lost.verdict.hopeless = true;
  api->on_submit = [=](const submit_order&) { return lost; };
  for (auto i = 0; i < 10; ++i) {
    submit();
    advance(1h);
  }
  CHECK(boss->failures.empty());
  CHECK(counters->api_failure.get() == "there is no host api.test");
}

TEST_CASE_METHOD(
  pool_fixture,
  "a job with runs in its ledger waits for its API after a restart") {
  reached = true;
  start(1);
  auto lost = not_sent("there is no host api.test");
  lost.verdict.hopeless = true;
  api->on_submit = [=](const submit_order&) { return lost; };
  for (auto i = 0; i < 10; ++i) {
    submit();
    advance(1h);
  }
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(pool_fixture,
                 "a certificate with implausible dates leaves five "
                 "minutes to set the clock") {
  start(1);
  auto lost = not_sent("the certificate is not valid yet");
  lost.verdict.hopeless = true;
  lost.verdict.hopeless_after = 5min;
  api->on_submit = [=](const submit_order&) { return lost; };
  submit();
  advance(4min);
  submit();
  CHECK(boss->failures.empty());
  advance(1min);
  submit();
  CHECK(boss->failures.size() == 1);
}

TEST_CASE_METHOD(
  pool_fixture,
  "another server that fails is reported once a minute and not as the API") {
  start(1);
  auto before = recent_problems();
  auto outcome = read_outcome::retry;
  api->on_page = [&](const page_order&) {
    auto reply = page_failing(outcome);
    reply.verdict.elsewhere = true;
    return reply;
  };
  api->on_status = [](const run_ref&) { return status_of(run_phase::active); };
  for (auto i = 0; i < 50; ++i) {
    outcome = i % 2 == 0 ? read_outcome::retry : read_outcome::unreadable;
    page();
    poll();
    advance(1s);
  }
  CHECK(problems_since(before, "link_failed").size() == 1);
  CHECK(problems_since(before, "request_failed").empty());
  CHECK(counters->api_failure.get().empty());
  // Only a good reply from that server clears the failure, not one from the
  // API.
  CHECK_THAT(counters->link_failure.get(),
             Catch::StartsWith("a link from the API fails: "));
  outcome = read_outcome::ok;
  page();
  CHECK(counters->link_failure.get().empty());
}

TEST_CASE_METHOD(
  pool_fixture,
  "a reply from another server does not count as contact with the API") {
  start(1);
  auto lost = not_sent("there is no host api.test");
  lost.verdict.hopeless = true;
  api->on_submit = [=](const submit_order&) { return lost; };
  api->on_page = [](const page_order&) {
    auto reply = page_with({});
    reply.verdict.elsewhere = true;
    return reply;
  };
  submit();
  advance(30s);
  page();
  submit();
  CHECK(boss->failures.size() == 1);
}

TEST_CASE_METHOD(pool_fixture,
                 "an answer is not a failure, even for a missing run, "
                 "a 429 or a refused batch") {
  start(1);
  auto before = recent_problems();
  for (auto outcome : {read_outcome::gone, read_outcome::rate_limited,
                       read_outcome::not_ready}) {
    api->on_page = [=](const page_order&) { return page_failing(outcome); };
    page();
  }
  for (auto& reply : {refused_429(), answered_with(submit_action::narrow)}) {
    api->on_submit = [=](const submit_order&) { return reply; };
    submit();
  }
  CHECK(problems_since(before, "request_failed").empty());
  CHECK(counters->api_failure.get().empty());
}
