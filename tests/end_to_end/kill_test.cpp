// Repeated kill -9 in the middle of a job, with a file of every compression and
// a webhook that always refuses some captures.

#include "core/base/file_descriptor.hpp"
#include "tests/actors/sinks/webhook_server.hpp"
#include "tests/end_to_end/slow_job.hpp"
#include "tests/support/frames.hpp"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

bool is_unwanted(const std::string& url) {
  return url.ends_with('7');
}

/// The captures in a delivery: their ids and URLs.
std::map<std::string, std::string> captures_in(const std::string& delivery) {
  std::map<std::string, std::string> urls;
  rapidjson::Document body;
  body.Parse(delivery.c_str());
  for (auto& capture : body.GetArray())
    urls[capture["_id"].GetString()] = capture["url"].GetString();
  return urls;
}

struct job_with_hook : slow_job {
  webhook_server hook{[](const auto& request, auto& response) {
    for (auto& [id, url] : captures_in(request.body))
      if (is_unwanted(url))
        response.status = 422;
  }};

  job_with_hook() { write_config(sinks()); }

  /// `more` is inserted into each file sink.
  [[nodiscard]] std::string sinks(const std::string& more = {}) {
    std::string text;
    for (std::string as : {"gzip", "zstd", "lz4"})
      text += "  - {type: file, name: " + as + ", path: captures." + as
              + ", compression: " + as + more + "}\n";
    return text + "  - {type: webhook, url: \"" + hook.url()
           + "\", dead_letter: refused.jsonl, batch: {captures: 7}}\n";
  }

  /// Lets all file sinks of the job append to existing files.
  void append_to_all() {
    auto text = config_text(sinks(", exists: append"));
    std::string plain = "path: captures.jsonl";
    text.insert(text.find(plain) + plain.size(), ", exists: append");
    fill(file("job.yaml"), text);
  }

  /// Kills the job until `name` has more than a few lines.
  void kill_until_written(const std::string& name) const {
    std::error_code absent;
    for (auto tries = 1; tries < 15; ++tries) {
      kill_once(tries * 15ms);
      if (auto size = std::filesystem::file_size(file(name), absent);
          !absent && size > 200)
        return;
    }
    FAIL("nothing is in " << name);
  }

  /// Leaves the file as a process killed while writing would.
  void tear(const std::string& name) const {
    auto bytes = content_of(file(name));
    REQUIRE(bytes.size() > 40);
    fill(file(name), bytes + bytes.substr(0, 40));
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

  void check_dead_letters(const std::string& captures) const {
    uint64_t unwanted = 0;
    auto letters = content_of(file("refused.jsonl"));
    std::map<std::string, uint64_t> times;
    std::istringstream lines{letters};
    for (std::string line; std::getline(lines, line);) {
      rapidjson::Document letter;
      letter.Parse(line.c_str());
      REQUIRE(letter.IsObject());
      ++times[letter["capture"]["_id"].GetString()];
      CHECK(is_unwanted(letter["capture"]["url"].GetString()));
    }
    std::istringstream delivered{captures};
    for (std::string line; std::getline(delivered, line);)
      for (auto& [id, url] : captures_in("[" + line + "]"))
        if (is_unwanted(url)) {
          ++unwanted;
          CHECK(times[id] == 1);
        }
    CHECK(unwanted > 0);
    CHECK(times.size() == unwanted);
    CHECK(status_of("/captures/dead_lettered") == unwanted);
  }

  /// The receiver accepted all wanted captures, and each key had one body.
  void check_deliveries(const delivered& captures) {
    std::map<std::string, std::string> bodies;
    std::set<std::string> accepted;
    for (auto& request : hook.requests()) {
      auto key = request.get_header_value("Idempotency-Key");
      CHECK(bodies.emplace(key, request.body).first->second == request.body);
      auto urls = captures_in(request.body);
      auto wanted = std::none_of(urls.begin(), urls.end(), [](auto& capture) {
        return is_unwanted(capture.second);
      });
      for (auto& [id, url] : urls)
        if (wanted)
          accepted.insert(url);
    }
    for (auto& url : captures.urls)
      CHECK(accepted.contains(url) != is_unwanted(url));
  }
};

} // namespace

TEST_CASE_METHOD(
  job_with_hook,
  "every file is complete and every dead letter occurs once after many kills") {
  for (auto i = 0; i < 8; ++i)
    kill_once(i * 7ms);
  auto ended = run();
  INFO(ended.err);
  CHECK(ended.exit_code == 3);
  check_account(*this, ended, all_urls);
  auto held = in_account(ended.err, "held");
  auto plain = content_of(file("captures.jsonl"));
  auto got = read_captures(plain);
  CHECK(got.lines == all_urls - held);
  CHECK(got.by_id.size() == got.lines);
  CHECK(decompress_all(compression::gzip, content_of(file("captures.gzip")))
        == plain);
  CHECK(decompress_all(compression::zstd, content_of(file("captures.zstd")))
        == plain);
  CHECK(decompress_all(compression::lz4, content_of(file("captures.lz4")))
        == plain);
  check_dead_letters(plain);
  check_deliveries(got);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(
  job_with_hook,
  "a refused capture stops the job until a dead letter file is configured") {
  write_config("  - {type: webhook, url: \"" + hook.url() + "\"}\n");
  auto stopped = run();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 5);
  CHECK_THAT(stopped.err, Catch::Contains("Set 'dead_letter'"));
  write_config("  - {type: webhook, url: \"" + hook.url()
               + "\", dead_letter: refused.jsonl}\n");
  auto ended = run();
  INFO(ended.err);
  CHECK(ended.exit_code == 3);
  check_dead_letters(content_of(file("captures.jsonl")));
}

TEST_CASE_METHOD(job_with_hook,
                 "a job that is killed and superseded leaves no torn "
                 "frame or line in its files") {
  write_urls(url_lines(1'000));
  kill_until_written("refused.jsonl");
  for (auto* name : {"captures.jsonl", "captures.gzip", "captures.zstd",
                     "captures.lz4", "refused.jsonl"})
    tear(name);
  append_to_all();
  write_urls("https://shop.example/new\nhttps://shop.example/new7\n");
  auto anew = run({"--discard-unfinished"});
  INFO(anew.err);
  CHECK(in_account(anew.err, "captured") == 2);
  auto plain = content_of(file("captures.jsonl"));
  auto got = read_captures(plain);
  CHECK(got.urls.contains("https://shop.example/new"));
  CHECK(got.by_id.size() == got.lines);
  for (auto [name, as] : {std::pair{"captures.gzip", compression::gzip},
                          std::pair{"captures.zstd", compression::zstd},
                          std::pair{"captures.lz4", compression::lz4}})
    CHECK(decompress_all(as, content_of(file(name))) == plain);
  std::istringstream letters{content_of(file("refused.jsonl"))};
  std::string last;
  for (std::string line; std::getline(letters, line);) {
    rapidjson::Document letter;
    letter.Parse(line.c_str());
    REQUIRE(letter.IsObject());
    last = letter["capture"]["url"].GetString();
  }
  CHECK(last == "https://shop.example/new7");
}

TEST_CASE_METHOD(job_with_hook,
                 "a job is not superseded while an output file cannot "
                 "be cut back to its last checkpoint") {
  kill_until_written("captures.gzip");
  tear("captures.gzip");
  append_to_all();
  file_descriptor other{::open(file("captures.gzip").c_str(), O_RDWR)};
  REQUIRE(::flock(other.get(), LOCK_EX) == 0);
  auto bytes = content_of(file("captures.gzip"));
  auto refused = run({"--discard-unfinished"});
  INFO(refused.err);
  CHECK(refused.exit_code != 0);
  CHECK_THAT(refused.err, Catch::Contains("is being written by another"));
  CHECK_FALSE(std::filesystem::exists(file("job.sluice.new")));
  CHECK(content_of(file("captures.gzip")) == bytes);
  CHECK(status_of("/urls/total") == all_urls);
}
