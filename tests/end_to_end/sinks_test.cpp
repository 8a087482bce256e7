// Several sinks at once, each with every capture.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>
#include <rapidjson/document.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

std::string webhook_at(int port, const std::string& more = {}) {
  return "  - {type: webhook, url: \"http://127.0.0.1:" + std::to_string(port)
         + "/hook\"" + more + "}\n";
}

/// Accepts deliveries but refuses every third one temporarily. Finally refuses
/// all.
class unsteady_receiver {
public:
  unsteady_receiver() {
    server_.Post("/hook", [this](const auto& request, auto& reply) {
      take(request, reply);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }

  ~unsteady_receiver() {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }

  /// Refuses everything from now on. Returns once it has refused something.
  void go_down() {
    is_down_ = true;
    for (auto tries = 0; tries < 3'000 && !has_refused_; ++tries)
      std::this_thread::sleep_for(5ms);
    REQUIRE(has_refused_);
  }

  [[nodiscard]] delivered captures() {
    std::lock_guard guard{mutex_};
    return got_;
  }

private:
  void take(const httplib::Request& request, httplib::Response& reply) {
    std::lock_guard guard{mutex_};
    if (++calls_ % 3 == 0 || is_down_) {
      has_refused_ = is_down_.load();
      reply.status = 503;
      reply.set_header("Retry-After", "0");
      return;
    }
    rapidjson::Document body;
    body.Parse(request.body.c_str());
    for (auto& capture : body.GetArray()) {
      ++got_.lines;
      ++got_.by_id[capture["_id"].GetString()];
    }
  }

  httplib::Server server_;
  std::thread thread_;
  std::mutex mutex_;
  delivered got_;
  uint64_t calls_ = 0;
  std::atomic<bool> is_down_ = false;
  std::atomic<bool> has_refused_ = false;
  int port_ = 0;
};

} // namespace

TEST_CASE("a file, a compressed file, standard output and an unsteady webhook "
          "all get every capture") {
  unsteady_receiver hook;
  job_fixture job;
  job.write_urls(url_lines(60));
  job.write_config("  - {type: file, path: captures.jsonl.gz, "
                   "compression: gzip}\n"
                   "  - {type: stdout}\n"
                   + webhook_at(hook.port()));
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  auto file = content_of(job.file("captures.jsonl"));
  CHECK(read_captures(file).by_id.size() == 60);
  // All sinks have the same order of delivery, byte for byte.
  CHECK(result.out == file);
  auto posted = hook.captures();
  CHECK(posted.by_id.size() == 60);
  CHECK(posted.lines == 60);
}

TEST_CASE(
  "a job that is stopped reports what an unsteady webhook has received") {
  unsteady_receiver hook;
  slow_job job;
  job.write_config(webhook_at(hook.port(), ", batch: {captures: 3}"));
  program running{job.command()};
  job.wait_for_captures(running);
  SECTION("exactly, if it finally accepts everything") {
    running.signal(SIGINT);
    auto result = running.wait();
    INFO(result.err);
    CHECK(result.exit_code == 4);
    CHECK_THAT(result.err, !Catch::Contains("at least, delivered"));
    CHECK(in_account(result.err, "captures") == hook.captures().lines);
  }
  SECTION("partly, if it does not") {
    hook.go_down();
    running.signal(SIGINT);
    auto result = running.wait();
    INFO(result.err);
    CHECK(result.exit_code == 4);
    CHECK_THAT(result.err, Catch::Contains("at least, delivered to every sink")
                             && Catch::Contains("more went to the sinks"));
    CHECK(in_account(result.err, "captures") <= hook.captures().lines);
  }
}
