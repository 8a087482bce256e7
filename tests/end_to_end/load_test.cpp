// `sluice load`: what a job has delivered goes into another sink, without a key
// and without a request.

#include "core/db/sqlite.hpp"
#include "tests/actors/sinks/webhook_server.hpp"
#include "tests/end_to_end/slow_job.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/job_fixture.hpp"
#include "tests/support/postgres_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// A config for loads, and files of captures.
struct load_fixture {
  temp_folder folder;

  void write_config(const std::string& sinks) const {
    fill(folder / "load.yaml", "input: {urls: urls.txt}\nruns: {robot: r}\n"
                               "log: {format: text}\nsinks:\n"
                                 + sinks);
  }

  /// No key, no secrets.
  [[nodiscard]] program_input
  command(const std::string& sink, std::vector<std::string> files) const {
    program_input input;
    input.arguments = {"load", (folder / "load.yaml").string(), sink};
    for (auto& file : files)
      input.arguments.push_back((folder / file).string());
    input.environment = {{"XDG_STATE_HOME", (folder / "state").string()}};
    return input;
  }

  [[nodiscard]] program_result
  load(const std::string& sink, std::vector<std::string> files) const {
    return run_program(command(sink, std::move(files)));
  }

  [[nodiscard]] std::string content(const std::string& name) const {
    return content_of(folder / name);
  }

  /// Appends captures with the numbers from `begin` to `end`.
  void append(const std::string& name, int begin, int end) const {
    std::ofstream out{folder / name, std::ios::app};
    for (auto i = begin; i < end; ++i)
      out << R"({"_id":")" << i << R"(","url":"https://a.example/)" << i
          << R"(","n":1e400})" << '\n';
  }

  /// Twelve loads of a growing in.jsonl that are killed, then one that is not.
  void kill_then_load(const std::string& sink) const {
    std::minstd_rand draw{7};
    constexpr auto more = 2'000;
    auto killed = 0;
    for (int i = 0; i < 12; ++i) {
      append("in.jsonl", i * more, (i + 1) * more);
      program running{command(sink, {"in.jsonl"})};
      std::this_thread::sleep_for(std::chrono::milliseconds{draw() % 150});
      running.signal(SIGKILL);
      killed += running.wait().exit_code == 128 + SIGKILL ? 1 : 0;
    }
    CHECK(killed >= 2);
    auto ended = load(sink, {"in.jsonl"});
    INFO(ended.err);
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.err, Catch::Contains("24,000 captures")
                            && Catch::Contains("Rows of sink 'rows'"));
  }
};

constexpr auto file_sink = "  - {type: file, name: out, path: out.jsonl}\n";

std::string webhook_sink(const webhook_server& hook, const std::string& more) {
  return "  - {type: webhook, name: hook, url: \"" + hook.url() + "\"" + more
         + "}\n";
}

/// The captures' numbers, in the order of the deliveries.
std::vector<int> numbers_in(const std::vector<std::string>& deliveries) {
  std::vector<int> numbers;
  const std::string name = "\"_id\":\"";
  for (auto& delivery : deliveries)
    for (auto at = delivery.find(name); at != delivery.npos;
         at = delivery.find(name, at + 1))
      numbers.push_back(std::stoi(delivery.substr(at + name.size())));
  return numbers;
}

std::vector<int> numbers_to(int end) {
  std::vector<int> numbers;
  for (int i = 0; i < end; ++i)
    numbers.push_back(i);
  return numbers;
}

} // namespace

TEST_CASE("a job's files, plain or compressed, are loaded into another file "
          "byte for byte, for no request") {
  job_fixture job;
  job.write_urls(url_lines(150));
  std::string more;
  for (std::string as : {"gzip", "zstd", "lz4"})
    more +=
      "  - {type: file, path: captures." + as + ", compression: " + as + "}\n";
  job.write_config(more);
  auto ended = job.run();
  INFO(ended.err);
  REQUIRE(ended.exit_code == 0);
  auto captures = content_of(job.file("captures.jsonl"));
  auto ledger = content_of(job.file("job.sluice"));
  auto requests = job.api().stats();

  std::string sinks;
  for (std::string from : {"jsonl", "gzip", "zstd", "lz4"})
    sinks += "  - {type: file, name: " + from + ", path: from." + from + "}\n";
  auto text = job.config_text();
  fill(job.file("load.yaml"), text.substr(0, text.find("sinks:"))
                                + "ledger: load.sluice\nsinks:\n" + sinks);
  for (std::string from : {"jsonl", "gzip", "zstd", "lz4"}) {
    program_input input;
    input.arguments = {"load", job.file("load.yaml").string(), from,
                       job.file("captures." + from).string()};
    auto loaded = run_program(input);
    INFO(loaded.err);
    CHECK(loaded.exit_code == 0);
    CHECK(loaded.out.empty());
    CHECK_THAT(loaded.err, Catch::Contains("150 captures"));
    CHECK(content_of(job.file("from." + from)) == captures);
    auto again = run_program(input);
    INFO(again.err);
    CHECK(again.exit_code == 0);
    CHECK_THAT(again.err, Catch::Contains("all loaded before"));
    CHECK(content_of(job.file("from." + from)) == captures);
  }
  CHECK(job.api().stats() == requests);
  CHECK(content_of(job.file("job.sluice")) == ledger);
  CHECK_FALSE(fs::exists(job.file("load.sluice")));
}

TEST_CASE("captures are loaded while their job runs, and the rest after it") {
  slow_job job;
  job.write_config("  - {type: null, name: count}\n");
  program running{job.command()};
  job.wait_for_captures(running);
  auto captures = job.file("captures.jsonl").string();
  auto early = job.call("load", {"count", captures});
  INFO(early.err);
  CHECK((early.exit_code == 0 || early.exit_code == 4));
  CHECK(running.running());
  auto ended = running.wait();
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  auto late = job.call("load", {"count", captures});
  INFO(late.err);
  CHECK(late.exit_code == 0);
  CHECK_THAT(late.err, Catch::Contains("400 captures"));
  CHECK(job.run().exit_code == 0);
}

TEST_CASE_METHOD(load_fixture,
                 "a load that is killed at any moment goes on and "
                 "has each capture once") {
  write_config("  - {type: file, name: out, path: out.zst, compression: "
               "zstd}\n");
  std::minstd_rand draw{5};
  constexpr auto more = 8'000;
  auto killed = 0;
  for (int i = 0; i < 20; ++i) {
    append("in.jsonl", i * more, (i + 1) * more);
    program running{command("out", {"in.jsonl"})};
    std::this_thread::sleep_for(std::chrono::milliseconds{draw() % 120});
    running.signal(SIGKILL);
    killed += running.wait().exit_code == 128 + SIGKILL ? 1 : 0;
  }
  CHECK(killed >= 2);
  auto ended = load("out", {"in.jsonl"});
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK_THAT(ended.err, Catch::Contains("160,000 captures"));
  CHECK(decompress_all(compression::zstd, content("out.zst"))
        == content("in.jsonl"));
}

TEST_CASE_METHOD(load_fixture,
                 "a load into a database that is killed at any moment has each "
                 "capture once") {
  std::string columns =
    "columns: [{name: id, from: /_id}, {name: run, from: ~run}, {name: batch, "
    "from: ~batch}, {name: at, from: ~delivered_at}]}\n";
  SECTION("sqlite") {
    write_config("  - {type: sqlite, name: rows, path: rows.db, " + columns);
    kill_then_load("rows");
    auto db = sqlite::database::open(folder / "rows.db");
    REQUIRE(db);
    std::string rows;
    {
      auto row = (*db)->use("SELECT capture FROM captures ORDER BY rowid");
      while (row.next())
        rows += row.text(0) + "\n";
      CHECK_FALSE(row.error());
    }
    CHECK(rows == content("in.jsonl"));
    auto sums = (*db)->use("SELECT count(DISTINCT id), count(run), "
                           "count(batch), min(at) > '2020' FROM captures");
    REQUIRE(sums.next());
    CHECK(sums.count(0) == 24'000);
    CHECK(sums.count(1) == 0);
    CHECK(sums.count(2) == 0);
    CHECK(sums.count(3) == 1);
  }
  SECTION("postgres") {
    auto* server = postgres_server::shared();
    if (server == nullptr)
      return;
    auto dsn = server->new_database();
    fill(folder / "dsn", dsn);
    write_config("  - {type: postgres, name: rows, dsn: \"${file:dsn}\", "
                 "table: captures, create: true, "
                 + columns);
    kill_then_load("rows");
    postgres_client look{dsn};
    auto rows = look.ask_all("SELECT capture FROM captures ORDER BY "
                             "sluice_delivery, ctid");
    CHECK(rows == content("in.jsonl"));
    CHECK(look.ask("SELECT count(DISTINCT id), count(run), count(batch), "
                   "min(at) > '2020-01-01' FROM captures")
          == "24000|0|0|t");
  }
}

TEST_CASE_METHOD(
  load_fixture, "new files are loaded after the old ones, and others refused") {
  write_config(file_sink);
  append("a.jsonl", 0, 10);
  append("b.jsonl", 10, 20);
  CHECK(load("out", {"a.jsonl"}).exit_code == 0);
  auto both = load("out", {"a.jsonl", "b.jsonl"});
  INFO(both.err);
  CHECK(both.exit_code == 0);
  CHECK_THAT(both.err,
             Catch::Contains("20 captures") && Catch::Contains("2 of 2 files"));
  CHECK(content("out.jsonl") == content("a.jsonl") + content("b.jsonl"));
  for (auto& files : {std::vector<std::string>{"a.jsonl"},
                      std::vector<std::string>{"b.jsonl", "a.jsonl"}}) {
    auto other = load("out", files);
    CHECK(other.exit_code == 1);
    CHECK_THAT(other.err, Catch::Contains("has begun with other files")
                            && Catch::Contains("load.sluice.load-out"));
  }
  CHECK(content("out.jsonl") == content("a.jsonl") + content("b.jsonl"));
}

TEST_CASE_METHOD(load_fixture, "a file that has changed is refused and nothing "
                               "is changed") {
  write_config(file_sink);
  append("in.jsonl", 0, 10);
  CHECK(load("out", {"in.jsonl"}).exit_code == 0);
  auto out = content("out.jsonl");
  auto state = content("load.sluice.load-out");
  auto text = content("in.jsonl");
  text[text.find("\"n\"") + 1] = 'm';
  fill(folder / "in.jsonl", text);
  append("in.jsonl", 10, 20);
  auto refused = load("out", {"in.jsonl"});
  CHECK(refused.exit_code == 5);
  CHECK_THAT(refused.err, Catch::Contains("in.jsonl' has changed"));
  CHECK(content("out.jsonl") == out);
  CHECK(content("load.sluice.load-out") == state);
}

TEST_CASE_METHOD(load_fixture, "a bad line ends a load with its place, and an "
                               "incomplete one waits for its rest") {
  write_config(file_sink);
  append("in.jsonl", 0, 3);
  auto good = content("in.jsonl");
  SECTION("bad") {
    fill(folder / "in.jsonl", good + "{\"n\":}\n");
    append("in.jsonl", 4, 5);
    auto ended = load("out", {"in.jsonl"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, Catch::Contains("in.jsonl:4: ")
                            && Catch::Contains("3 captures"));
    CHECK(content("out.jsonl") == good);
  }
  SECTION("incomplete") {
    fill(folder / "in.jsonl", good + "{\"n\":");
    auto ended = load("out", {"in.jsonl"});
    CHECK(ended.exit_code == 4);
    CHECK_THAT(ended.err, Catch::Contains("in.jsonl:4: "));
    CHECK(content("out.jsonl") == good);
    fill(folder / "in.jsonl", good + "{\"n\":1}\n");
    CHECK(load("out", {"in.jsonl"}).exit_code == 0);
    CHECK(content("out.jsonl") == good + "{\"n\":1}\n");
  }
}

TEST_CASE_METHOD(load_fixture, "an unknown sink is refused with the names of "
                               "those there are") {
  write_config(std::string{file_sink} + "  - {type: null}\n");
  append("in.jsonl", 0, 1);
  auto refused = load("ouch", {"in.jsonl"});
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Catch::Contains("no sink 'ouch'")
                            && Catch::Contains("'out', 'null-1'"));
  CHECK(load("out", {}).exit_code == 1);
  CHECK(load("out", {"absent.jsonl"}).exit_code == 1);
  CHECK_FALSE(fs::exists(folder / "out.jsonl"));
  CHECK_FALSE(fs::exists(folder / "load.sluice.load-out"));
}

TEST_CASE_METHOD(load_fixture, "a load never writes to a file that it reads or "
                               "that the job of its config continues") {
  write_config(std::string{file_sink}
               + "  - {type: file, name: same, path: in.jsonl, exists: "
                 "append}\n");
  append("in.jsonl", 0, 3);
  auto in = content("in.jsonl");
  auto same = load("same", {"in.jsonl"});
  CHECK(same.exit_code == 1);
  CHECK_THAT(same.err, Catch::Contains("sinks[1].path names the same file"));
  auto state = load("out", {"load.sluice.load-out"});
  CHECK(state.exit_code == 1);
  // The ledger is not read.
  fill(folder / "load.sluice", "a ledger");
  auto begun = load("out", {"in.jsonl"});
  CHECK(begun.exit_code == 1);
  CHECK_THAT(begun.err, Catch::Contains("the job of this config has begun"));
  CHECK(content("in.jsonl") == in);
  CHECK_FALSE(fs::exists(folder / "out.jsonl"));
}

TEST_CASE_METHOD(load_fixture,
                 "a second load into a sink is refused while the first waits, "
                 "and SIGTERM ends the wait") {
  std::atomic<bool> is_down{true};
  webhook_server hook{
    [&](const auto&, auto& reply) { reply.status = is_down ? 503 : 204; }};
  write_config(webhook_sink(hook, ", max_down: 1h") + "  - {type: null}\n");
  append("in.jsonl", 0, 250);
  program waiting{command("hook", {"in.jsonl"})};
  CHECK(waiting.says("sink_waits"));
  auto second = load("hook", {"in.jsonl"});
  CHECK(second.exit_code == 5);
  CHECK_THAT(second.err, Catch::Contains("another sluice loads into sink "
                                         "'hook' (process "
                                         + std::to_string(waiting.id()) + ")"));
  CHECK(load("null-1", {"in.jsonl"}).exit_code == 0);
  waiting.signal(SIGTERM);
  auto stopped = waiting.wait();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 4);
  CHECK_THAT(stopped.err, Catch::Contains("run the same command again"));
  is_down = false;
  auto seen = hook.bodies().size();
  CHECK(load("hook", {"in.jsonl"}).exit_code == 0);
  auto bodies = hook.bodies();
  bodies.erase(bodies.begin(), bodies.begin() + static_cast<ptrdiff_t>(seen));
  CHECK(numbers_in(bodies) == numbers_to(250));
}

TEST_CASE_METHOD(load_fixture, "SIGTERM ends a load at a page, and the next "
                               "start delivers nothing twice") {
  webhook_server hook{[&](const auto&, auto& reply) {
    std::this_thread::sleep_for(5ms);
    reply.status = 204;
  }};
  write_config(webhook_sink(hook, ", batch: {captures: 10}"));
  append("in.jsonl", 0, 2'000);
  program running{command("hook", {"in.jsonl"})};
  for (auto tries = 0; tries < 3'000 && hook.bodies().size() < 15; ++tries)
    std::this_thread::sleep_for(2ms);
  running.signal(SIGTERM);
  auto stopped = running.wait();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 4);
  auto before = hook.bodies().size();
  CHECK(before < 200);
  auto ended = load("hook", {"in.jsonl"});
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(numbers_in(hook.bodies()) == numbers_to(2'000));
}

TEST_CASE_METHOD(load_fixture, "captures that the receiver refuses are dead "
                               "letters, and the exit code says so") {
  webhook_server hook{[](const auto& request, auto& reply) {
    auto is_bad = request.body.find("example/7\"") != std::string::npos;
    reply.status = is_bad ? 422 : 204;
  }};
  write_config(webhook_sink(hook, ", dead_letter: refused.jsonl"));
  append("in.jsonl", 0, 20);
  for (int i = 0; i < 2; ++i) {
    auto ended = load("hook", {"in.jsonl"});
    INFO(ended.err);
    CHECK(ended.exit_code == 3);
    CHECK_THAT(ended.err, Catch::Contains("1 capture of them refused"));
  }
  auto letters = content("refused.jsonl");
  CHECK(std::count(letters.begin(), letters.end(), '\n') == 1);
  CHECK_THAT(letters, Catch::Contains("example/7"));
}

TEST_CASE_METHOD(load_fixture,
                 "a load needs the secrets of its own sink and of "
                 "no other") {
  webhook_server hook{[](const auto&, auto& reply) { reply.status = 204; }};
  write_config(webhook_sink(hook, ", secret: \"${NO_SUCH_SECRET}\"")
               + "  - {type: null}\n");
  append("in.jsonl", 0, 1);
  CHECK(load("null-1", {"in.jsonl"}).exit_code == 0);
  auto refused = load("hook", {"in.jsonl"});
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Catch::Contains("NO_SUCH_SECRET"));
  CHECK(hook.requests().empty());
}
