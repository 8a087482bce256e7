// The manual is correct: every command in it is run, and every file it shows or
// names exists, as does every test that it names as proof.

#include "tests/end_to_end/manual.hpp"
#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>
#include <rapidjson/document.h>

#include <regex>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

const fs::path root{SLUICE_SOURCE_DIR};

/// Takes the place of the reader's own service and accepts every delivery.
class receiver {
public:
  receiver() {
    server_.Post(".*", [](const auto&, auto& reply) { reply.status = 204; });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    // A server that is not listening yet cannot be stopped.
    while (!server_.is_running())
      std::this_thread::yield();
  }

  ~receiver() {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string base() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }

private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

std::string
replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

simulator_options unhurried() {
  simulator_options options;
  options.speed = 30;
  options.max_concurrent = 10;
  return options;
}

/// A reader with a shell in a temporary folder. `sluice` is in the PATH and
/// reaches a simulator as its API.
class reader {
public:
  reader() : api_{options_} {
    if (auto err = api_.start())
      throw std::runtime_error(what_of(err));
    fs::create_directories(folder_ / "bin");
    fs::create_directories(folder_ / "job");
    // Pages show files of the repository by their paths.
    fs::create_directory_symlink(root / "config", folder_ / "job/config");
    fill(folder_ / "bin/sluice", stand_in());
    fs::permissions(folder_ / "bin/sluice", fs::perms::owner_all);
  }

  /// Writes, sets up and runs a block.
  void follow(const manual_block& block) {
    if (!block.setup.empty())
      set_up(block.setup);
    if (!block.before.empty())
      CHECK(run(block.before) == 0);
    if (!block.file.empty())
      fill(folder_ / ("job/" + block.file), local(block.text));
    else if (block.language == "sh")
      CHECK(run(with_replacements(block)) == block.exit_code);
  }

private:
  /// The real program, with the simulator's address, rate and intervals.
  [[nodiscard]] std::string stand_in() const {
    auto ms = [&](int time) {
      return std::to_string(static_cast<int>(time / options_.speed)) + "ms";
    };
    auto rate = static_cast<int>(options_.requests_per_minute * options_.speed);
    return "#!/bin/sh\n"
           "case \"$1 $2\" in *--help) exec " SLUICE_PROGRAM " \"$@\";; esac\n"
           "case \"$1\" in\n"
           "  run | plan | check | status | resolve | serve | why | relocate | "
           "load | backup | ledgers)\n"
           "    exec " SLUICE_PROGRAM " \"$@\" --set api.base_url="
           + api_.base_url() + " --set api.requests_per_minute="
           + std::to_string(rate) + " --set poll.interval=" + ms(10'000)
           + " --set poll.min_interval=" + ms(2'000)
           + " --set poll.max_interval=" + ms(30'000)
           + " ;;\n"
             "esac\n"
             "exec " SLUICE_PROGRAM " \"$@\"\n";
  }

  [[nodiscard]] std::string local(const std::string& text) const {
    return replaced(text, "https://hooks.example", receiver_.base());
  }

  [[nodiscard]] std::string with_replacements(const manual_block& block) const {
    auto text = local(block.text);
    for (auto& [what, by] : block.replaced) {
      CHECK_THAT(text, Catch::Contains(what));
      text = replaced(text, what, by);
    }
    return text;
  }

  [[nodiscard]] program_input shell(const std::string& commands) const {
    program_input input;
    input.executable = "/bin/bash";
    input.arguments = {"-euo", "pipefail", "-c",
                       "cd " + (folder_ / "job").string() + "\n" + commands};
    input.environment = environment_;
    return input;
  }

  int run(const std::string& commands) {
    auto result = run_program(shell(commands));
    UNSCOPED_INFO(commands << result.out << result.err);
    return result.exit_code;
  }

  /// A job whose only submit was never answered, and a run with its URLs.
  void set_up(const std::string& name) {
    REQUIRE(name == "a held batch");
    CHECK(run("rm -f job.* urls.txt captures.*\nsluice init job.yaml") == 0);
    httplib::Client client{"127.0.0.1", api_.port()};
    REQUIRE(client.Post("/__control", R"({"pause_seconds": 3600})",
                        "application/json"));
    program running{shell("exec sluice run job.yaml --set api.timeout=300ms")};
    CHECK(running.says("batch_held"));
    REQUIRE(
      client.Post("/__control", R"({"pause_seconds": 0})", "application/json"));
    auto ended = running.wait();
    UNSCOPED_INFO(ended.err);
    CHECK(ended.exit_code == 3);
    client.set_bearer_token_auth("a-key");
    auto made = client.Post(
      "/runs", R"({"robotId": "rbt_example", "urls": ["https://a.example/"]})",
      "application/json");
    REQUIRE(made);
    rapidjson::Document run_object;
    run_object.Parse(made->body.c_str());
    INFO(made->body);
    REQUIRE((run_object.IsObject() && run_object.HasMember("_id")));
    environment_["RUN"] = run_object["_id"].GetString();
    environment_["BATCH"] = "1";
  }

  simulator_options options_ = unhurried();
  simulator api_;
  receiver receiver_;
  temp_folder folder_;
  std::map<std::string, std::string> environment_{
    {"PATH", (folder_ / "bin").string() + ":/usr/bin:/bin"},
    {"HOME", folder_.path().string()},
    {"EXTRALT_API_KEY", "a-key"},
    {"HOOK_SECRET", "a-secret"}};
};

std::string name_of(const fs::path& page) {
  return page.lexically_relative(root).string();
}

} // namespace

TEST_CASE("every command in the manual runs, page by page") {
  for (auto& page : manual_pages()) {
    auto blocks = read_blocks(page);
    if (blocks.empty())
      continue;
    reader who;
    for (auto& block : blocks) {
      INFO(name_of(page) << ":" << block.line);
      if (!block.not_run)
        who.follow(block);
    }
  }
}

TEST_CASE("files shown in the manual match the real ones") {
  size_t shown = 0;
  for (auto& page : manual_pages())
    for (auto& block : read_blocks(page)) {
      if (block.same_as.empty())
        continue;
      INFO(name_of(page) << ":" << block.line);
      CHECK(block.text == content_of(root / block.same_as));
      ++shown;
    }
  CHECK(shown >= 2);
}

TEST_CASE("every file that the manual links to exists") {
  for (auto& page : manual_pages())
    for (auto& target : links_of(page)) {
      INFO(name_of(page) << " -> " << target);
      CHECK(fs::exists(page.parent_path() / target));
    }
}

TEST_CASE("every page of the manual is in the index") {
  auto listed = links_of(root / "docs/README.md");
  for (auto& page : manual_pages()) {
    auto name = page.filename().string();
    if (name == "README.md")
      continue;
    INFO(name);
    CHECK(std::count(listed.begin(), listed.end(), name) == 1);
  }
}

TEST_CASE("every test that the manual names exists") {
  size_t titles = 0;
  for (auto& page : manual_pages())
    for (auto& test : tests_named_in(page)) {
      INFO(name_of(page) << ": " << test.file << ": " << test.title);
      REQUIRE(fs::exists(root / test.file));
      if (test.title.empty())
        continue;
      ++titles;
      // A title may be split into adjacent literals on several lines.
      auto source = std::regex_replace(content_of(root / test.file),
                                       std::regex{"\"\\s+\""}, "");
      CHECK_THAT(source, Catch::Contains("\"" + test.title + "\""));
    }
  CHECK(titles >= 15);
}

TEST_CASE("every promise of the guarantees has a test") {
  // Each line of a promise is a bullet with its proof indented below.
  auto text = content_of(root / "docs/guarantees.md");
  std::istringstream in{text};
  std::string bullet, line;
  size_t promises = 0;
  auto check = [&] {
    if (bullet.empty())
      return;
    ++promises;
    INFO(bullet);
    CHECK((bullet.find("`tests/") != std::string::npos
           || bullet.find("`bench_") != std::string::npos));
    bullet.clear();
  };
  while (std::getline(in, line)) {
    if (line.starts_with("- ") || line.empty() || line.starts_with("#"))
      check();
    if (line.starts_with("- ") || !bullet.empty())
      bullet += line + "\n";
  }
  check();
  CHECK(promises >= 15);
}
