// An API that supports idempotency keys. A submit may fail at any point between
// writing its key and its reply. The user never has to resolve it.

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

/// Two in five submits are ambiguous, and most of them have a run.
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

class keyed_job : public slow_job {
public:
  explicit keyed_job(simulator_options options = honouring(slow_job::slower()))
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

  /// Kills the job while the API holds its first submit, then lets the API
  /// process it.
  void kill_submitting() const {
    auto running = submitting();
    running->signal(SIGKILL);
    running->wait();
    pause_answers(0);
  }

  /// Kills the job `later` after it has made new progress.
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

TEST_CASE("idempotency keys prevent held batches and duplicate runs across "
          "lost replies, kills and restarts") {
  keyed_job job{failing()};
  job.kill_submitting();
  for (auto i = 0; i < 5; ++i)
    job.kill_once(i * 30ms);
  program_result result;
  // Three in a row stop the job, which can continue.
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

TEST_CASE_METHOD(
  keyed_job, "a submit interrupted by a kill is repeated by the next start") {
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

TEST_CASE_METHOD(
  keyed_job,
  "a submit interrupted by a kill is held if it can no longer be the same") {
  kill_submitting();
  std::string reason;
  SECTION("because the run's budget has changed") {
    auto config = content_of(file("job.yaml"));
    auto runs = config.find("urls_per_run: 20");
    fill(file("job.yaml"),
         config.replace(runs, 16, "urls_per_run: 20, budget: none"));
    reason = "settings have changed";
  }
  SECTION("because another header takes the key") {
    write_profile("submit: {idempotency: {header: X-Once, valid_for: 1h}}\n");
    reason = "settings have changed";
  }
  SECTION("because the profile no longer supports keys") {
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

TEST_CASE_METHOD(keyed_job, "a rehearsal uses the profile's idempotency keys") {
  auto result = run({"--simulate"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == all_urls);
  CHECK(in_stats(api(), "/requests/submit") == 0);
}
