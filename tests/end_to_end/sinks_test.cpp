// Several sinks at once, each with every capture.

#include "tests/end_to_end/job_fixture.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>
#include <rapidjson/document.h>

#include <atomic>
#include <mutex>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Takes deliveries, but refuses every third one for now.
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

  [[nodiscard]] delivered captures() {
    std::lock_guard guard{mutex_};
    return got_;
  }

private:
  void take(const httplib::Request& request, httplib::Response& reply) {
    std::lock_guard guard{mutex_};
    if (++calls_ % 3 == 0) {
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
                   "  - {type: webhook, url: \"http://127.0.0.1:"
                   + std::to_string(hook.port()) + "/hook\"}\n");
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  auto file = content_of(job.file("captures.jsonl"));
  CHECK(read_captures(file).by_id.size() == 60);
  // One delivery order for all sinks, byte for byte.
  CHECK(result.out == file);
  auto posted = hook.captures();
  CHECK(posted.by_id.size() == 60);
  CHECK(posted.lines == 60);
}
