#include "core/base/log.hpp"
#include "pipeline/supervisor.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>

using namespace sluice;
using namespace sluice::test;

namespace {

struct supervisor_fixture : actor_fixture {
  fake_stages_ptr stages = std::make_shared<fake_stages>();
  fake_sink_ptr sinks[2] = {std::make_shared<fake_sink>(),
                            std::make_shared<fake_sink>()};
  std::shared_ptr<std::promise<caf::error>> promise =
    std::make_shared<std::promise<caf::error>>();
  std::future<caf::error> ended = promise->get_future();
  supervised_parts parts;
  job_supervisor_actor boss;

  supervisor_fixture() {
    for (auto* name : {"one", "two"}) {
      auto& sink = sinks[name[0] == 't'];
      sink->name = name;
      sink->log = stages->log;
      parts.sinks.push_back(spawn(sink_double, sink));
    }
    parts.submitter = spawn(submitter_double, stages);
    parts.poller = spawn(poller_double, stages);
    parts.pager = spawn(pager_double, stages);
    auto bystander = spawn(sink_double, std::make_shared<fake_sink>());
    parts.others.push_back(bystander.address());
    boss = spawn(supervise, promise);
  }

  [[nodiscard]] bool over() const {
    return ended.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  }

  [[nodiscard]] const std::vector<std::string>& steps() const {
    return stages->log->entries;
  }

  const std::vector<std::string> drain_and_close{
    "drain submitter", "drain poller", "drain pager", "close one", "close two"};
  const std::vector<std::string> give_up_waiting{
    "drain submitter", "drain poller", "drain one", "drain two",
    "drain pager",     "close one",    "close two"};
};

} // namespace

TEST_CASE_METHOD(
  supervisor_fixture,
  "a finished job ends upstream first and sinks last, without an error") {
  tell(boss, parts);
  CHECK_FALSE(over());
  tell(boss, atoms::finished_atom::value);
  CHECK(steps() == drain_and_close);
  REQUIRE(over());
  CHECK_FALSE(ended.get());
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a failing job first tells the sinks not to wait and "
                 "ends with the first error") {
  tell(boss, parts);
  tell(boss, atoms::failed_atom::value, make_error(ec::disk, "first"));
  tell(boss, atoms::failed_atom::value, make_error(ec::api_refused, "second"));
  CHECK(steps() == give_up_waiting);
  REQUIRE(over());
  auto reason = ended.get();
  CHECK(code_of(reason) == ec::disk);
  CHECK(what_of(reason) == "first");
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a failure outranks the reason for a stop") {
  auto reason = GENERATE(ec::stopped, ec::api_refused);
  tell(boss, atoms::failed_atom::value, make_error(reason, "first"));
  tell(boss, atoms::failed_atom::value, make_error(ec::disk, "no space"));
  tell(boss, parts);
  REQUIRE(over());
  CHECK(code_of(ended.get()) == ec::disk);
}

TEST_CASE_METHOD(
  supervisor_fixture,
  "a sink that cannot be closed fails the job and the others are closed") {
  sinks[0]->not_closed = make_error(ec::disk, "it was deleted");
  auto stopped = GENERATE(true, false);
  tell(boss, parts);
  if (stopped)
    tell(boss, atoms::drain_atom::value);
  else
    tell(boss, atoms::finished_atom::value);
  CHECK(steps().back() == "close two");
  REQUIRE(over());
  CHECK(what_of(ended.get()) == "it was deleted");
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a stop by the user is an orderly end that can be resumed") {
  tell(boss, parts);
  tell(boss, atoms::drain_atom::value);
  tell(boss, atoms::drain_atom::value);
  CHECK(steps() == give_up_waiting);
  REQUIRE(over());
  CHECK(code_of(ended.get()) == ec::interrupted);
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a message before the parts are known is not lost") {
  tell(boss, atoms::finished_atom::value);
  CHECK_FALSE(over());
  tell(boss, parts);
  CHECK(steps() == drain_and_close);
  CHECK(over());
}

TEST_CASE_METHOD(supervisor_fixture,
                 "an actor that dies stops the job with an internal "
                 "error and the others end in order") {
  tell(boss, parts);
  SECTION("a stage") {
    end(parts.poller);
    CHECK(stages->log->count("drain poller") == 0);
  }
  SECTION("a sink") {
    end(parts.sinks[0]);
    CHECK(stages->log->count("close one") == 0);
  }
  SECTION("one that is only monitored") {
    end(caf::actor_cast<caf::actor>(parts.others[0]));
    CHECK(steps() == give_up_waiting);
  }
  CHECK(stages->log->count("drain submitter") == 1);
  CHECK(stages->log->count("drain pager") == 1);
  CHECK(stages->log->count("close two") == 1);
  REQUIRE(over());
  CHECK(exit_code_of(ended.get()) == 5);
}

TEST_CASE_METHOD(supervisor_fixture,
                 "actors that end after the job are not reported") {
  tell(boss, parts);
  tell(boss, atoms::finished_atom::value);
  end(parts.poller);
  tell(boss, atoms::failed_atom::value, make_error(ec::disk, "late"));
  CHECK(steps() == drain_and_close);
  CHECK_FALSE(ended.get());
}

TEST_CASE_METHOD(
  supervisor_fixture,
  "one reason is logged once, even if many parts fail because of it") {
  auto before = recent_problems();
  tell(boss, parts);
  auto reason = make_error(ec::api_refused, "HTTP 401; check api.key");
  for (auto i = 0; i < 3; ++i)
    tell(boss, atoms::failed_atom::value, reason);
  CHECK(recent_problems().errors == before.errors + 1);
}

TEST_CASE_METHOD(
  supervisor_fixture,
  "a stop by a rule is a warning and a stop by the user is not") {
  auto before = recent_problems();
  tell(boss, parts);
  SECTION("a sink is down") {
    tell(boss, atoms::failed_atom::value,
         make_error(ec::stopped, "the sink is down"));
    auto now = recent_problems();
    CHECK(now.warnings == before.warnings + 1);
    CHECK(now.latest.back().event == "job_stops");
  }
  SECTION("the user") {
    tell(boss, atoms::drain_atom::value);
    CHECK(recent_problems().warnings == before.warnings);
  }
}
