// The prediction of what a start would do: begin, continue, report a finished
// job, or refuse.

#include "pipeline/job_ledger.hpp"
#include "pipeline/outlook.hpp"
#include "tests/pipeline/job_files.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct outlook_fixture : job_files {
  outlook_fixture() { fill(file("urls.txt"), "https://shop.example/1\n"); }

  static std::string told(const settings& config) {
    return outlook_text(config);
  }

  /// A plain start, up to the point where its ledger is open.
  static caf::error start(const settings& config) {
    run_options options;
    job_ledger ledger{config, options};
    return ledger.open();
  }

  /// The job was begun with another list.
  static void change_lists(const settings& config) {
    must(must(open_ledger(config.ledger))
           ->renew_lists({{"/other.txt", file_stamp{1, 1}, std::string(16, 'h'),
                           "reading"}}));
  }

  /// The missing URLs of a finished job are to be submitted again.
  static void begin_retry(const settings& config) {
    auto store = must(open_ledger(config.ledger));
    CHECK(must(store->begin_round({true, false, false}, 1)).taken.missing == 4);
  }
};

} // namespace

TEST_CASE_METHOD(
  outlook_fixture,
  "the outlook of a new job says that it will begin or why not") {
  auto job = config();
  CHECK_THAT(told(job), Contains("`sluice run`: a new job begins"));
  fill(file("out.jsonl"), "mine\n");
  CHECK_THAT(told(job),
             Contains("`: refused: ") && Contains("already has content"));
  fs::remove(file("out.jsonl"));
  fs::remove(file("urls.txt"));
  CHECK_THAT(told(job), Contains("`: refused: ") && Contains("urls.txt"));
  CHECK_FALSE(fs::exists(job.ledger));
}

TEST_CASE_METHOD(outlook_fixture,
                 "the outlook of a job that has begun says how it continues") {
  auto job = config();
  begin(job, 2);
  CHECK_THAT(told(job), Contains("`: the job is continued: it began on ")
                          && Contains("0 of 4 URLs are done"));
  SECTION("a file is gone") {
    fs::remove(file("out.jsonl"));
    CHECK_THAT(told(job), Contains("`: refused: ") && Contains("is gone"));
  }
  SECTION("a setting has changed") {
    job.runs.robots.fallback = "rbt_2";
    CHECK_THAT(told(job),
               Contains("`: refused: ") && Contains("is now '*=rbt_2"));
  }
  SECTION("it is running") {
    auto store = must(open_ledger(job.ledger));
    CHECK_THAT(told(job), Contains("`: the job is running, in process "));
  }
  SECTION("it is finished") {
    finish(job.ledger);
    CHECK_THAT(told(job), Contains("`: the job is finished with exit code 3")
                            && Contains("--again"));
  }
  SECTION("another job replaced it and it was renamed") {
    must(must(open_ledger(job.ledger))->leave_for("00ff"));
    CHECK_THAT(told(job),
               Contains("`: refused: ") && Contains("a new one has replaced"));
  }
  SECTION("a kill came before it got its name") {
    fs::rename(job.ledger, job.ledger.native() + ".new");
    CHECK_THAT(told(job), Contains("`: the job is continued: it began on "));
  }
  SECTION("its file was given up and another one is in its place") {
    must(must(open_ledger(job.ledger))
           ->commit({2, {{job.sinks[0].name, "v1 given_up=2"}}, {}, {}}));
    CHECK_THAT(told(job),
               Contains("`: refused: ") && Contains("already has content"));
  }
  SECTION("another job replaced it") {
    auto left = job.ledger.native() + ".1700000000.old";
    fs::rename(job.ledger, left);
    job.ledger = left;
    CHECK_THAT(told(job),
               Contains("`: refused: ") && Contains("a new one has replaced"));
  }
}

TEST_CASE_METHOD(
  outlook_fixture,
  "the outlook of a job without imported lists names its changed settings") {
  auto job = config();
  must(must(open_ledger(job.ledger))->bind(identity_of(job, sink_specs())));
  CHECK_THAT(told(job), Contains("`: a new job begins"));
  job.runs.robots.fallback = "rbt_2";
  CHECK_THAT(told(job), Contains("`: refused: ") && Contains("rbt_2"));
}

TEST_CASE_METHOD(outlook_fixture,
                 "the outlook of changed lists says that they are refused") {
  auto job = config();
  begin(job, 2);
  change_lists(job);
  CHECK_THAT(told(job), Contains("`: refused: ")
                          && Contains("not those this job began with"));
}

TEST_CASE_METHOD(outlook_fixture,
                 "the outlook of changed lists is what a start does") {
  ::setenv("XDG_STATE_HOME", file("state").c_str(), 1);
  auto job = config();
  begin(job, 2);
  change_lists(job);
  SECTION("an unfinished job refuses them") {
    auto refusal = what_of(outlook_of(job).refusal);
    CHECK_THAT(refusal, Contains("The job is not finished"));
    CHECK(what_of(start(job)) == refusal);
  }
  SECTION("so does a finished job") {
    finish(job.ledger);
    auto refusal = what_of(outlook_of(job).refusal);
    CHECK_THAT(refusal, Contains("The job is finished"));
    CHECK(what_of(start(job)) == refusal);
  }
  SECTION("an unfinished retry continues with its URLs") {
    finish(job.ledger);
    begin_retry(job);
    CHECK_THAT(told(job), Contains("`: the job is continued: "));
    must(start(job));
  }
}

TEST_CASE_METHOD(outlook_fixture,
                 "the outlook of a retry that the credits do not "
                 "pay for says that nothing is submitted") {
  auto job = config();
  begin(job, 2);
  finish(job.ledger);
  begin_retry(job);
  job.runs.budget = run_settings::budget_rule::number;
  job.runs.budget_number = 3;
  job.runs.max_credits = 2; // less than one run may cost
  CHECK_THAT(told(job), Contains("`: the job is continued: ")
                          && Contains("; but runs.max_credits (2) does not "
                                      "cover another run"));
  job.runs.max_credits = 10;
  CHECK_THAT(told(job),
             Contains("`: the job is continued: ") && !Contains("max_credits"));
}
