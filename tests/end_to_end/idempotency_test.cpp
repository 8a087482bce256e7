// An API that honours idempotency keys: what happens to a submit between its
// key's way to the disk and its reply's, nobody has to decide about it.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

simulator_options honouring(simulator_options options) {
  options.idempotency_header = "Idempotency-Key";
  return options;
}

/// Two submits in five are of unknown fate, most of them with a run.
simulator_options failing() {
  auto options = honouring(slow_job::slower());
  options.lost_reply = 0.2;
  options.reset = 0.04;
  options.error_500 = 0.08;
  options.truncate = 0.04;
  options.html_error = 0.04;
  options.seed = 5;
  return options;
}

class fixture : public slow_job {
public:
  explicit fixture(simulator_options options = honouring(slow_job::slower()))
      : slow_job{std::move(options)} {
    write_profile("submit: {idempotency: {header: Idempotency-Key, "
                  "valid_for: 1h}}\n");
    auto config = config_text();
    auto name = config.find("profile: extralt");
    fill(file("job.yaml"), config.replace(name, 16, "profile: ./once.yaml"));
  }

  void write_profile(const std::string& more) const {
    fill(file("once.yaml"), "extends: extralt\n" + more);
  }

  /// Kills the job while the API has its first submit, and lets the API take
  /// that.
  void kill_submitting() const {
    auto running = submitting();
    running->signal(SIGKILL);
    running->wait();
    pause_answers(0);
  }

  /// Kills the job `later` after it has got further than ever.
  void kill_once(std::chrono::milliseconds later) const {
    auto before = written();
    program running{command()};
    for (auto tries = 0; tries < 3'000 && running.running(); ++tries) {
      if (written() > before)
        break;
      std::this_thread::sleep_for(1ms);
    }
    std::this_thread::sleep_for(later);
    running.signal(SIGKILL);
    running.wait();
  }
};

} // namespace

TEST_CASE("with idempotency keys lost replies hold no batch and no run is "
          "created twice, over kills and restarts") {
  fixture job{failing()};
  job.kill_submitting();
  for (auto i = 0; i < 5; ++i)
    job.kill_once(i * 30ms);
  program_result result;
  // Three in a row stop submitting, resumably.
  for (auto round = 0; round < 20; ++round) {
    result = job.run();
    if (result.exit_code != 4)
      break;
    CHECK(in_account(result.err, "held") == 0);
  }
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == slow_job::all_urls);
  CHECK(in_account(result.err, "held") == 0);
  check_account(job, result, slow_job::all_urls);
  CHECK(job.captures().lines == slow_job::all_urls);
  CHECK(in_stats(job.api(), "/submits_repeated") > 0);
  CHECK(in_stats(job.api(), "/faults/lost_reply") > 0);
  CHECK(in_stats(job.api(), "/runs_created_twice") == 0);
  CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(fixture, "a submit that a kill cut off is repeated by the "
                          "next start") {
  kill_submitting();
  auto result = run();
  INFO(result.err);
  CHECK_THAT(result.err, Catch::Contains("submits_to_repeat"));
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == all_urls);
  CHECK(in_stats(api(), "/submits_repeated") == 1);
  CHECK(in_stats(api(), "/runs_created") == all_urls / 20);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(fixture, "a submit that a kill cut off is held when it cannot "
                          "be the same any more") {
  kill_submitting();
  std::string reason;
  SECTION("for the run's budget is another") {
    auto config = content_of(file("job.yaml"));
    auto runs = config.find("urls_per_run: 20");
    fill(file("job.yaml"),
         config.replace(runs, 16, "urls_per_run: 20, budget: none"));
    reason = "settings have changed";
  }
  SECTION("for the key goes into another header") {
    write_profile("submit: {idempotency: {header: X-Once, valid_for: 1h}}\n");
    reason = "settings have changed";
  }
  SECTION("for the profile promises nothing any more") {
    write_profile("");
    reason = "interrupted while being submitted";
  }
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK(in_account(result.err, "held") == 20);
  CHECK(in_account(result.err, "captured") == all_urls - 20);
  CHECK_THAT(call("resolve").out, Catch::Contains(reason));
  CHECK(in_stats(api(), "/submits_repeated") == 0);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(fixture, "a rehearsal honours the profile's key") {
  auto result = run({"--simulate"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == all_urls);
  CHECK(in_stats(api(), "/requests/submit") == 0);
}
