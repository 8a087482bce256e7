// Listings with more captures than a run can have, and listings that cannot
// continue.

#include "tests/actors/pager_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t page_size = 600;

/// A run of two URLs that reports two captures lists page after page of 600 new
/// captures. It can have at most 1,020.
struct endless_fixture : pager_fixture {
  endless_fixture() {
    config.window = 1 << 20;
    api->on_page = [this](const page_order& order) {
      auto at = order.cursor.empty() ? 0 : std::stoull(order.cursor);
      std::vector<std::string> names;
      for (size_t i = 0; i < page_size; ++i)
        names.push_back(order.run.id + "-" + std::to_string(at + i));
      auto next = at + page_size;
      return page_with(names, next < listed
                                ? std::optional{std::to_string(next)}
                                : std::nullopt);
    };
    report(2);
  }

  void report(std::optional<uint64_t> captures) {
    api->on_status = [=](const run_ref&) {
      return status_of(run_phase::done, captures);
    };
  }

  void start_endless() {
    start();
    record_end(1, {"a", "b"}, 2);
  }

  [[nodiscard]] const run_progress& last_part() const {
    return store->checkpoints.back().runs.at(0);
  }

  size_t listed = SIZE_MAX;
};

} // namespace

TEST_CASE_METHOD(endless_fixture,
                 "a run with an endless listing is set aside after one more "
                 "poll and keeps its captures") {
  start_endless();
  advance(1min);
  CHECK(fetches() == 2);
  CHECK(api->polls.size() == 1);
  CHECK(
    permits->asked
    == std::vector{request_kind::page, request_kind::page, request_kind::poll});
  CHECK(sink->pages.size() == 2);
  REQUIRE(stages->committed == std::vector<batch_key>{1});
  CHECK(last_part().state.captures == 2 * page_size);
  CHECK_FALSE(last_part().done);
  CHECK_THAT(last_part().set_aside.value_or(""),
             Catch::Contains("does not end"));
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(endless_fixture,
                 "a listing continues if the run now reports more captures") {
  listed = 4 * page_size;
  report(listed);
  start_endless();
  advance(1s);
  CHECK(fetches() == 4);
  CHECK(api->polls.size() == 1);
  REQUIRE(stages->committed.size() == 1);
  CHECK(last_part().done->outcome == run_outcome::completed);
  CHECK(last_part().done->extracted == listed);
  CHECK(last_part().state.captures == listed);
}

TEST_CASE_METHOD(endless_fixture, "only a run's budget or count limits its "
                                  "captures") {
  auto [budget, reported, fetched, polls] =
    GENERATE(std::tuple{std::optional<uint64_t>{0}, false, 2, 1},
             std::tuple{std::optional<uint64_t>{100}, false, 4, 1},
             std::tuple{std::optional<uint64_t>{}, true, 2, 1},
             std::tuple{std::optional<uint64_t>{}, false, 10, 0});
  listed = 10 * page_size;
  config.budget = budget;
  report({});
  start();
  record_end(1, {"a", "b"},
             reported ? std::optional<uint64_t>{2} : std::nullopt);
  advance(1s);
  CHECK(fetches() == static_cast<size_t>(fetched));
  CHECK(api->polls.size() == static_cast<size_t>(polls));
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(
  endless_fixture,
  "no page is fetched until the repeated status request is answered") {
  auto failure = GENERATE(read_outcome::retry, read_outcome::not_ready,
                          read_outcome::rate_limited);
  auto left = 4;
  api->on_status = [&](const run_ref&) {
    return left-- > 0 ? status_failing(failure) : status_of(run_phase::done, 2);
  };
  start_endless();
  advance(500ms);
  CHECK(fetches() == 2);
  CHECK(api->polls.size() == (failure == read_outcome::rate_limited ? 5 : 1));
  advance(5min);
  CHECK(api->polls.size() == 5);
  CHECK(fetches() == 2);
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(
  endless_fixture,
  "a run whose status the API refuses for a minute reports no new count") {
  api->on_status = [](const run_ref&) {
    return status_failing(read_outcome::gone);
  };
  start_endless();
  advance(50s);
  CHECK(stages->committed.empty());
  advance(80s);
  CHECK(fetches() == 2);
  REQUIRE(stages->committed.size() == 1);
  CHECK_FALSE(last_part().done);
  CHECK_THAT(last_part().set_aside.value_or(""),
             Catch::Contains("does not end"));
}

TEST_CASE_METHOD(endless_fixture, "a status above api.max_body sets the run "
                                  "aside with the captures so far") {
  api->on_status = [](const run_ref&) {
    return status_failing(read_outcome::too_large);
  };
  start_endless();
  advance(1min);
  CHECK(api->polls.size() == 1);
  CHECK(last_part().set_aside == "its status cannot be read: no status");
  CHECK(last_part().state.captures == 2 * page_size);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(endless_fixture,
                 "a status request that cannot be made stops the job") {
  api->on_status = [](const run_ref&) {
    return status_failing(read_outcome::stop_job);
  };
  start_endless();
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
}

TEST_CASE_METHOD(endless_fixture, "a drain returns the permit for a status "
                                  "request and waits for one in progress") {
  start();
  SECTION("before the permit") {
    permits->silent = true;
    record_end(1, {"a", "b"}, 2);
    for (auto i = 0; i < 3; ++i) {
      CHECK(api->polls.empty());
      if (i < 2)
        permits->grant();
      run();
    }
    auto drained = drain();
    advance(1s);
    permits->grant();
    advance(1s);
    CHECK(drained->value);
    REQUIRE(permits->released.size() == 1);
    CHECK(permits->released[0].kind == request_kind::poll);
    CHECK(api->polls.empty());
  }
  SECTION("before the reply") {
    auto held = false;
    api->on_status = [&](const run_ref&) {
      held = true;
      return status_of(run_phase::done, 2);
    };
    auto list_page = api->on_page;
    api->on_page = [&, list_page](const page_order& order) {
      api->silent = fetches() == 2;
      return list_page(order);
    };
    record_end(1, {"a", "b"}, 2);
    run();
    api->answer();
    run();
    REQUIRE(held);
    auto drained = drain();
    advance(1s);
    CHECK_FALSE(drained->value);
    api->answer();
    advance(1s);
    CHECK(drained->value);
  }
}

TEST_CASE_METHOD(pager_fixture, "a dead end keeps the captures of its page and "
                                "names what cannot be requested") {
  pages["r1/"] = page_with({"a"}, "1");
  pages["r1/1"] = page_with({"b"});
  pages["r1/1"].dead_end = "the API's next cursor is an object at /next";
  list(2, 1);
  start();
  record_end(1, {"a", "b", "c"}, 3);
  record_end(2, {"r2-0"}, 1);
  advance(1s);
  CHECK(sink->pages.size() == 3);
  CHECK(stages->committed.size() == 2);
  CHECK(fetches() == 3);
  auto found = false;
  for (auto& point : store->checkpoints)
    for (auto& part : point.runs)
      if (part.batch == 1 && part.set_aside) {
        found = true;
        CHECK_THAT(*part.set_aside, Catch::Contains("an object at /next"));
      }
  CHECK(found);
}

TEST_CASE_METHOD(endless_fixture,
                 "a status that stays unreadable sets its run aside") {
  api->on_status = [](const run_ref&) {
    auto reply = status_failing(read_outcome::unreadable);
    reply.verdict.status = 200;
    return reply;
  };
  start_endless();
  advance(1min);
  CHECK(api->polls.size() == 6);
  REQUIRE(stages->committed.size() == 1);
  CHECK_THAT(last_part().set_aside.value_or(""),
             Catch::Contains("its status cannot be read"));
}

TEST_CASE_METHOD(pager_fixture,
                 "three dead ends in a row show that the API has changed") {
  for (batch_key key = 1; key <= 3; ++key) {
    auto page = name_of(key) + "/";
    pages[page] = page_with({name_of(key)});
    pages[page].dead_end = "the API's next cursor is an object at /next";
  }
  start();
  for (batch_key key = 1; key <= 3; ++key)
    record_end(key, {"a", "b"}, 2);
  advance(1min);
  CHECK(stages->committed.size() == 2);
  CHECK(stages->readable == std::vector<bool>{false});
  CHECK(sink->pages.size() == 3);
}
