#include "actors/sink_actor.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/problems_since.hpp"
#include "tests/support/recording_sink.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

caf::error down(std::chrono::milliseconds wait = 0ms) {
  return make_error(ec::unavailable, "down", wait);
}

struct sink_fixture : actor_fixture {
  std::shared_ptr<sink_record> record = std::make_shared<sink_record>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  sink_actor shell;

  void start(std::optional<sink_position> committed = {}) {
    sink_actor_config config;
    config.name = "all";
    config.target = std::make_shared<recording_sink>(record);
    config.committed = std::move(committed);
    config.counters = counters;
    shell = spawn(sink_shell, config);
  }

  answer_ptr<atoms::ok_atom> write(uint64_t number) {
    page_ptr page = std::make_shared<const capture_page>(
      page_of(number, {"{\"n\":" + std::to_string(number) + "}"}));
    return ask<atoms::ok_atom>(shell, page);
  }
  answer_ptr<sink_report> cut() {
    return ask<sink_report>(shell, atoms::checkpoint_atom::value);
  }
  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(shell, atoms::drain_atom::value);
  }
  answer_ptr<atoms::ok_atom> close() {
    return ask<atoms::ok_atom>(shell, atoms::close_atom::value);
  }

  [[nodiscard]] std::string calls() const {
    std::string all;
    for (auto& call : record->calls)
      all += call + ", ";
    return all;
  }
};

} // namespace

TEST_CASE_METHOD(sink_fixture,
                 "a sink opens at the committed position, writes in "
                 "order, checkpoints in-band and closes") {
  start("7");
  CHECK(ask<atoms::ok_atom>(shell, atoms::start_atom::value)->value);
  CHECK(write(1)->value);
  CHECK(write(2)->value);
  auto report = cut();
  CHECK(write(3)->value);
  CHECK(close()->value);
  CHECK(calls() == "open 7, write 1, write 2, checkpoint, write 3, close, ");
  REQUIRE(report->value);
  CHECK(report->value->sink == "all");
  CHECK(report->value->position == "2");
}

TEST_CASE_METHOD(sink_fixture, "a sink that cannot be opened reports why") {
  record->open_error = make_error(ec::disk, "no such folder");
  start();
  auto opened = ask<atoms::ok_atom>(shell, atoms::start_atom::value);
  CHECK(code_of(opened->error) == ec::disk);
}

TEST_CASE_METHOD(sink_fixture,
                 "a page that is refused is retried after a backoff "
                 "and later messages wait behind it") {
  record->write_errors = {down(), down()};
  start();
  auto first = write(1);
  auto second = write(2);
  auto report = cut();
  CHECK(first->pending());
  CHECK(calls() == "write 1, ");
  advance(1s);
  CHECK(calls() == "write 1, write 1, ");
  advance(2s);
  CHECK(calls() == "write 1, write 1, write 1, write 2, checkpoint, ");
  CHECK(first->value);
  CHECK(second->value);
  CHECK(report->value->position == "2");
}

TEST_CASE_METHOD(sink_fixture,
                 "after an outage each page is acknowledged before the next "
                 "one is written") {
  record->write_errors = {down()};
  start();
  auto first = write(1);
  auto second = write(2);
  sched.advance_time(1s);
  REQUIRE(sched.try_run_once());
  CHECK(calls() == "write 1, write 1, ");
  run();
  CHECK(first->value);
  CHECK(second->value);
  CHECK(calls() == "write 1, write 1, write 2, ");
}

TEST_CASE_METHOD(sink_fixture,
                 "a drain that ends an outage writes all that waited") {
  record->write_errors = {down(1h)};
  start();
  auto first = write(1);
  auto second = write(2);
  auto report = cut();
  CHECK(drain()->value);
  CHECK(first->value);
  CHECK(second->value);
  CHECK(report->value);
}

TEST_CASE_METHOD(
  sink_fixture,
  "the backoff grows to a minute and starts over after a success") {
  for (auto i = 0; i < 12; ++i)
    record->write_errors.push_back(down());
  start();
  auto first = write(1);
  advance(10min);
  CHECK(first->value);
  auto before = record->calls.size();
  CHECK(before == 13);
  record->write_errors = {down()};
  auto second = write(2);
  advance(1s);
  CHECK(second->value);
}

TEST_CASE_METHOD(sink_fixture, "a receiver's requested wait is obeyed") {
  record->write_errors = {down(90s)};
  start();
  auto first = write(1);
  advance(89s);
  CHECK(first->pending());
  advance(1s);
  CHECK(first->value);
}

TEST_CASE_METHOD(sink_fixture, "a checkpoint is repeated like a page") {
  record->checkpoint_errors = {down()};
  start();
  auto report = cut();
  CHECK(report->pending());
  advance(1s);
  CHECK(report->value);
}

TEST_CASE_METHOD(
  sink_fixture,
  "any other error fails the page and, without a call, everything after it") {
  record->write_errors = {make_error(ec::disk, "no space")};
  start();
  auto first = write(1);
  CHECK(code_of(first->error) == ec::disk);
  CHECK(code_of(write(2)->error) == ec::disk);
  CHECK(code_of(cut()->error) == ec::disk);
  CHECK(calls() == "write 1, ");
  CHECK(close()->value);
}

TEST_CASE_METHOD(
  sink_fixture,
  "a sink that is down while the job drains is retried for ten seconds") {
  record->write_errors.assign(20, down());
  start();
  auto first = write(1);
  auto report = cut();
  advance(3min);
  auto before = record->calls.size();
  CHECK(drain()->value);
  CHECK(record->calls.size() == before + 1);
  advance(3s);
  CHECK(first->pending());
  advance(8s);
  CHECK(code_of(first->error) == ec::stopped);
  CHECK(code_of(report->error) == ec::stopped);
  // At once, and after pauses of 0.5 to 1 s, 1 to 2 s, 2 to 4 s and 4 to 8 s.
  auto tries = record->calls.size() - before;
  CHECK((tries == 4 || tries == 5));
  // Nothing later may count as durable.
  CHECK(code_of(cut()->error) == ec::stopped);
  advance(1h);
  CHECK(record->calls.size() - before == tries);
}

TEST_CASE_METHOD(
  sink_fixture,
  "a receiver that asks for more time than a drain has is not waited for") {
  record->write_errors = {down(), down(1min)};
  start();
  auto first = write(1);
  CHECK(drain()->value);
  CHECK(code_of(first->error) == ec::stopped);
}

TEST_CASE_METHOD(sink_fixture, "a sink that fails occasionally still writes "
                               "everything while the job drains") {
  record->write_errors = {down()};
  start();
  std::vector<answer_ptr<atoms::ok_atom>> pages;
  for (uint64_t number = 1; number <= 30; ++number)
    pages.push_back(write(number));
  auto report = cut();
  SECTION("within half a minute") {
    for (auto i = 0; i < 10; ++i)
      record->write_errors.insert(record->write_errors.end(), {down(), {}, {}});
    CHECK(drain()->value);
    CHECK(report->pending());
    advance(20s);
    for (auto& page : pages)
      CHECK(page->value);
    REQUIRE(report->value);
    CHECK(report->value->position == "30");
  }
  SECTION("but not longer") {
    for (auto i = 0; i < 30; ++i)
      record->write_errors.insert(record->write_errors.end(), {down(2s), {}});
    CHECK(drain()->value);
    advance(29s);
    CHECK(pages.front()->value);
    CHECK(report->pending());
    advance(1s);
    CHECK(code_of(report->error) == ec::stopped);
  }
}

TEST_CASE_METHOD(sink_fixture,
                 "a healthy sink continues while the job drains") {
  start();
  CHECK(drain()->value);
  CHECK(write(1)->value);
  CHECK(cut()->value);
}

TEST_CASE_METHOD(sink_fixture,
                 "waiting requests are answered when the sink ends") {
  record->write_errors = {down()};
  start();
  auto first = write(1);
  auto report = cut();
  end(shell);
  CHECK(code_of(first->error) == ec::stopped);
  CHECK(code_of(report->error) == ec::stopped);
}

TEST_CASE_METHOD(sink_fixture, "a failing sink is reported once when it starts "
                               "failing and once when it recovers") {
  record->write_errors.assign(5, down());
  start();
  auto before = recent_problems();
  auto first = write(1);
  CHECK(counters->sink_failure.get() == "sink 'all' fails: down");
  advance(50s);
  CHECK(first->value);
  CHECK(counters->sink_failure.get().empty());
  CHECK(problems_since(before, "sink_waits").size() == 1);
  record->write_errors = {down()};
  auto second = write(2);
  CHECK_FALSE(counters->sink_failure.get().empty());
  advance(1s);
  CHECK(second->value);
  CHECK(counters->sink_failure.get().empty());
}
