#include "actors/run_finder.hpp"
#include "tests/actors/submitter_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

run_list_reply listing(std::vector<listed_run> runs) {
  run_list_reply reply;
  reply.verdict = read_as(read_outcome::ok);
  reply.runs = std::move(runs);
  return reply;
}

struct finder_fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_limiter_ptr permits = std::make_shared<fake_limiter>();
  run_finder_actor finder;

  finder_fixture() {
    store->held_submits = {{1, "rbt_1", {"u1", "u2"}, 1'000},
                           {2, "rbt_1", {"u3"}, 1'000},
                           {3, "rbt_2", {"u4"}, 1'000}};
    finder = spawn(run_finder, run_finder_config{spawn(limiter_double, permits),
                                                 spawn(fake_pool, api),
                                                 spawn(fake_keeper, store)});
    run();
  }

  answer_ptr<batch_decisions> look() {
    return ask<batch_decisions>(finder, atoms::find_atom::value);
  }
};

} // namespace

TEST_CASE_METHOD(
  finder_fixture,
  "runs that list their URLs cost one request per robot and one check each") {
  api->on_runs = [](const run_list_order& order) {
    if (order.robot == "rbt_2")
      return listing({});
    return listing({{"r1", "rbt_1", {{"u2", "u1"}}},
                    {"r2", "rbt_1", {{"u9"}}},
                    {"known", "rbt_1", {{"u3"}}}});
  };
  store->known_runs = {"known"};
  auto answer = look();
  REQUIRE(answer->value);
  REQUIRE(answer->value->adopted.size() == 1);
  CHECK(answer->value->adopted[0].batch == 1);
  REQUIRE(store->found.size() == 1);
  CHECK(store->found[0].run_id == "r1");
  CHECK(api->log->entries
        == std::vector<std::string>{"runs rbt_1", "runs rbt_2", "poll r1"});
}

TEST_CASE_METHOD(finder_fixture,
                 "captures are examined if the list has no URLs") {
  api->on_runs = [](const run_list_order& order) {
    return order.robot == "rbt_1"
             ? listing({{"r1", {}, {}}, {"r2", {}, {}}, {"r3", {}, {}}})
             : listing({});
  };
  api->on_page = [](const page_order& order) {
    return order.run.id == "r1"   ? page_with({"u1"})
           : order.run.id == "r2" ? page_with({"u3", "u9"})
                                  : page_with({});
  };
  auto answer = look();
  REQUIRE(answer->value);
  REQUIRE(store->found.size() == 1);
  CHECK(store->found[0].batch == 1);
  CHECK(store->found[0].run_id == "r1");
}

TEST_CASE_METHOD(
  finder_fixture,
  "a failed adoption leaves the count of held batches unchanged") {
  api->on_runs = [](const run_list_order& order) {
    return order.robot == "rbt_1" ? listing(
             {{"r1", "rbt_1", {{"u1", "u2"}}}, {"r2", "rbt_1", {{"u3"}}}})
                                  : listing({});
  };
  store->lost_runs = {"r2"};
  auto answer = look();
  REQUIRE(answer->value);
  CHECK(store->found.size() == 2);
  CHECK(answer->value->adopted.size() == 1);
  CHECK(answer->value->held == 2);
}

TEST_CASE_METHOD(finder_fixture,
                 "a run that began before the submit is ignored") {
  api->on_runs = [](const run_list_order&) {
    return listing({{"r1", "rbt_1", {{"u3"}}}});
  };
  store->held_submits[1].submitted_at_ms = 3'600'000;
  api->on_status = [](const run_ref&) {
    auto reply = status_of(run_phase::done);
    reply.run.started_at_ms = 1'000;
    return reply;
  };
  CHECK(look()->value);
  CHECK(store->found.empty());
}

TEST_CASE_METHOD(finder_fixture, "a list that cannot be fetched adopts nothing "
                                 "and is requested again next time") {
  api->on_runs = [](const run_list_order&) {
    run_list_reply reply;
    reply.verdict = read_as(read_outcome::retry);
    return reply;
  };
  CHECK(look()->value);
  CHECK(store->found.empty());
  api->on_runs = [](const run_list_order&) {
    return listing({{"r1", "rbt_1", {{"u3"}}}});
  };
  CHECK(look()->value);
  CHECK(store->found.size() == 1);
}

namespace {

/// A submitter that may search. The test provides the finder's answers.
struct finding_submitter : submitter_fixture {
  std::shared_ptr<std::vector<batch_decisions>> answers =
    std::make_shared<std::vector<batch_decisions>>();
  std::shared_ptr<int> looks = std::make_shared<int>(0);

  finding_submitter() {
    auto found = answers;
    auto count = looks;
    config.finder = spawn(
      [=](run_finder_actor::pointer, int) -> run_finder_actor::behavior_type {
        return {[=](atoms::find_atom) {
          ++*count;
          if (found->empty())
            return batch_decisions{};
          auto next = found->front();
          found->erase(found->begin());
          return next;
        }};
      },
      0);
    answer_first_with(answered_with(submit_action::hold));
  }
};

} // namespace

TEST_CASE_METHOD(finding_submitter,
                 "runs of held batches are searched for until none is held") {
  store->plan_singles(2);
  start();
  CHECK(*looks == 0);
  advance(5s);
  CHECK(*looks == 1);
  answers->push_back({true, {{1, run_ref{"run_x", {}}, 1, 5}}, 0});
  advance(30s);
  CHECK(*looks == 2);
  REQUIRE(stages->active.size() == 2);
  CHECK(stages->active[1].run.id == "run_x");
  advance(10min);
  CHECK(*looks == 2);
}

TEST_CASE_METHOD(finding_submitter, "the job ends only after a last search") {
  store->plan_singles(1);
  SECTION("that finds nothing") {
    start();
    CHECK(*looks == 1);
    CHECK(boss->finished == 1);
  }
  SECTION("that finds the run, and the job continues with it") {
    answers->push_back({true, {{1, run_ref{"run_x", {}}, 1, 5}}, 0});
    start();
    CHECK(*looks == 1);
    CHECK(boss->finished == 0);
    finish(1);
    CHECK(boss->finished == 1);
  }
}

TEST_CASE_METHOD(finder_fixture,
                 "a run counts as found only after the ledger has answered") {
  api->on_runs = [](const run_list_order& order) {
    return order.robot == "rbt_1" ? listing({{"r1", "rbt_1", {{"u3"}}}})
                                  : listing({});
  };
  api->on_status = [this](const run_ref&) {
    store->silent = true;
    return status_of(run_phase::done);
  };
  auto answer = look();
  CHECK(store->found.size() == 1);
  CHECK_FALSE(answer->value);
  store->answer();
  run();
  REQUIRE(answer->value);
  CHECK(answer->value->adopted.size() == 1);
}
