// Where the time of real jobs went according to the program. One cause
// dominates, and `run`, `status` and `why` agree.

#include "tests/end_to_end/account_check.hpp"
#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>

#include <csignal>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// Runs the job to its end, which reports the same times as `why`.
void run_to_end(const job_fixture& job, size_t urls) {
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  check_account(job, result, urls);
  auto why = job.call("why");
  CHECK(why.exit_code == 0);
  CHECK_THAT(why.out, Catch::StartsWith("Where the time went\n"));
  CHECK_THAT(result.err, Catch::Contains(why.out));
}

uint64_t share_of(const job_fixture& job, const std::string& cause) {
  return job.status_of("/why/" + cause);
}

simulator_options fast_runs() {
  auto options = brisk_options();
  options.run_seconds = 0;
  return options;
}

/// Takes this long per delivery.
class lagging_receiver {
public:
  explicit lagging_receiver(std::chrono::milliseconds time) {
    server_.Post(
      "/hook", [=](const auto&, auto&) { std::this_thread::sleep_for(time); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~lagging_receiver() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::string sink() const {
    return "  - {type: webhook, url: \"http://127.0.0.1:"
           + std::to_string(port_) + "/hook\"}\n";
  }

private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

} // namespace

TEST_CASE("a job that is short of tokens says so") {
  auto options = fast_runs();
  options.requests_per_minute = 10; // ten per second, at sixty times the speed
  job_fixture job{options};
  auto text = job.config_text();
  job.write_urls(url_lines(400));
  fill(job.file("job.yaml"),
       text.replace(text.find("  timeout"), 0, "  burst: 1\n"));
  run_to_end(job, 400);
  CHECK(share_of(job, "tokens") > 50);
}

TEST_CASE("a job with one slot waits for it") {
  auto options = brisk_options();
  options.requests_per_minute = 0;
  options.run_seconds = 30; // half a second, at sixty times the speed
  options.run_spread = 0;
  options.max_concurrent = 1;
  job_fixture job{options};
  auto text = job.config_text();
  job.write_urls(url_lines(160));
  fill(job.file("job.yaml"),
       text.replace(text.find("urls_per_run"), 0,
                    "max_concurrent: 1, queue_ahead: 1, "));
  run_to_end(job, 160);
  CHECK(share_of(job, "slots") > 50);
  CHECK(share_of(job, "runs") > 5);
}

TEST_CASE("a job with a slow receiver waits for its sink") {
  lagging_receiver hook{300ms};
  job_fixture job{fast_runs()};
  job.write_urls(url_lines(200));
  job.write_config(hook.sink());
  run_to_end(job, 200);
  CHECK(share_of(job, "sinks") > 50);
}

TEST_CASE_METHOD(slow_job, "the time spent adds up across restarts") {
  stop_midway();
  auto before = status_of("/why/slots") + status_of("/why/runs");
  auto seconds = [this] {
    auto out = call("status", {"--json"}).out;
    return std::stod(out.substr(out.find("\"seconds\":") + 10));
  };
  auto first = seconds();
  CHECK(before > 0);
  CHECK(first > 0);
  check_completes();
  CHECK(seconds() > first);
}

TEST_CASE("there is nothing to report without a job") {
  job_fixture job;
  job.write_config();
  auto why = job.call("why");
  CHECK(why.exit_code == 1);
  CHECK_THAT(why.err, Catch::Contains("has not begun"));
}
