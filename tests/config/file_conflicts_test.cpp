// Files that a job must not use twice.

#include "config/file_conflicts.hpp"
#include "tests/config/config_fixture.hpp"
#include "tests/support/certificates.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

struct fixture : config_fixture {
  fixture() {
    fill(folder / "urls.txt", "https://a.example/1\n");
    fs::create_directory(folder / "sub");
  }

  /// The conflicts as text without the folder's name.
  std::string conflicts(const std::string& yaml,
                        const std::vector<std::string>& overrides = {},
                        bool rehearsed = false) {
    auto loaded = load(yaml, overrides);
    std::string out;
    for (auto& found : loaded.findings)
      out += "not loaded: " + found.text() + "\n";
    if (loaded.value)
      loaded.value->rehearsed = rehearsed;
    if (loaded.value)
      for (auto& found : config::file_conflicts(*loaded.value))
        out += found.text() + "\n";
    auto prefix = folder.path().string() + "/";
    for (size_t at = 0; (at = out.find(prefix, at)) != std::string::npos;)
      out.erase(at, prefix.size());
    return out;
  }
};

std::string job_with_sinks(const std::string& sinks,
                           const std::string& list = "urls.txt",
                           const std::string& more = {}) {
  return "api: {key: k}\ninput: {urls: [" + list
         + "]}\nruns: {robot: r}\nsinks: [" + sinks + "]\n" + more;
}

std::string file_sink(const std::string& path) {
  return "{type: file, path: " + path + "}";
}

} // namespace

TEST_CASE_METHOD(fixture, "separate files do not conflict", "[config]") {
  CHECK(conflicts(job_with_sinks(file_sink("a"))) == "");
  CHECK(conflicts(job_with_sinks(file_sink("a") + ", " + file_sink("sub/a")))
        == "");
  // Files that are only read may be named twice.
  CHECK(conflicts(
          job_with_sinks("{type: webhook, url: u, dead_letter: a, ca_file: c}, "
                         "{type: webhook, url: v, dead_letter: b, ca_file: c}",
                         "urls.txt, ./urls.txt, 'u*.txt'"))
        == "");
}

TEST_CASE_METHOD(
  fixture, "a sink that overwrites a list is refused and both places are named",
  "[config]") {
  CHECK(conflicts(job_with_sinks(file_sink("urls.txt")))
        == "job.yaml:4:28: sinks[0].path names the same file as input.urls[0] "
           "(job.yaml:2:16), urls.txt: write another name for one of them\n");
  CHECK(conflicts(job_with_sinks(file_sink("a")), {"sinks[0].path=urls.txt"})
        == "--set sinks[0].path: sinks[0].path names the same file as "
           "input.urls[0] (job.yaml:2:16), urls.txt: write another name for "
           "one of them\n");
}

TEST_CASE_METHOD(fixture, "no spelling or link conceals a conflict",
                 "[config]") {
  fs::create_symlink(folder / "urls.txt", folder / "soft");
  fs::create_hard_link(folder / "urls.txt", folder / "hard");
  fs::create_directory_symlink(".", folder / "here");
  fs::create_symlink("sub/new", folder / "to-new");
  for (auto* name : {"./urls.txt", "sub/../urls.txt", "soft", "hard",
                     "here/urls.txt", "here/here/soft"}) {
    INFO(name);
    CHECK_THAT(conflicts(job_with_sinks(file_sink(name))),
               Catch::Contains("sinks[0].path names the same file as input."));
  }
  // Files that do not exist yet count too.
  for (auto* name : {"to-new", "here/sub/new", "here/to-new"}) {
    INFO(name);
    CHECK_THAT(
      conflicts(job_with_sinks(file_sink("sub/new") + ", " + file_sink(name))),
      Catch::Contains("sinks[1].path names the same file as "
                      "sinks[0].path (job.yaml:4:28)"));
  }
}

TEST_CASE_METHOD(fixture, "no sink may write to a file of the ledger",
                 "[config]") {
  for (auto* suffix :
       {"", "-wal", "-shm", "-journal", ".lock", ".format3", ".format3.tmp"}) {
    INFO(suffix);
    CHECK_THAT(
      conflicts(job_with_sinks(file_sink("job.sluice" + std::string{suffix}))),
      Catch::StartsWith("job.yaml:4:28: sinks[0].path names the same "
                        "file as "));
  }
  // SQLite puts these files next to the target of a link.
  fs::create_symlink("sub/real", folder / "link.sluice");
  CHECK_THAT(conflicts(job_with_sinks(file_sink("sub/real-wal"), "urls.txt",
                                      "ledger: link.sluice")),
             Catch::Contains("the ledger's -wal (job.yaml:5:9)"));
}

TEST_CASE_METHOD(fixture, "the files beside a sink's own are its own, too",
                 "[config]") {
  auto with_beside = [](const std::string& file) {
    return "{type: webhook, url: u, dead_letter: " + file + "}, ";
  };
  CHECK(conflicts(job_with_sinks(with_beside("a") + file_sink("a-shm"))) == "");
  CHECK_THAT(conflicts(job_with_sinks(with_beside("a") + file_sink("a-wal"))),
             Catch::Contains("sinks[1].path names the same file as "
                             "sinks[0].dead_letter's -wal"));
  CHECK_THAT(
    conflicts(job_with_sinks(with_beside("a") + file_sink("b"), "'*-wal'")),
    Catch::Contains("input.urls[0] matches a file that the job writes"));
  CHECK_THAT(
    conflicts(
      job_with_sinks(with_beside("a") + file_sink("b"), "a.simulated-wal"), {},
      true),
    Catch::Contains("sinks[0].dead_letter's -wal names the same file"));
  // They are beside the target of a link.
  fs::create_symlink("sub/real", folder / "link");
  CHECK_THAT(
    conflicts(job_with_sinks(with_beside("link") + file_sink("sub/real-wal"))),
    Catch::Contains("sinks[0].dead_letter's -wal"));
}

TEST_CASE_METHOD(fixture, "the ledger may not share a file with anything else",
                 "[config]") {
  auto with_ledger = [](const std::string& name) {
    return job_with_sinks("{type: stdout}", "urls.txt",
                          "ledger: " + name + "\n");
  };
  CHECK_THAT(conflicts(with_ledger("urls.txt")),
             Catch::StartsWith("job.yaml:5:9: ledger names the same file as "
                               "input.urls[0] (job.yaml:2:16)"));
  CHECK_THAT(conflicts(with_ledger("./sub/../job.yaml")),
             Catch::Contains("ledger names the same file as the config file"));
  // If no key names the ledger, the other file's place is reported.
  CHECK_THAT(conflicts(job_with_sinks("{type: stdout}", "job.sluice")),
             Catch::StartsWith("job.yaml:2:16: input.urls[0] names the same "
                               "file as ledger"));
}

TEST_CASE_METHOD(fixture, "no sink may write to a file that is only read",
                 "[config]") {
  fill(folder / "mine.yaml", "extends: ./base.yaml\n");
  fill(folder / "base.yaml", "extends: extralt\n");
  fill(folder / "key", "k");
  fill(folder / "api.pem", new_authority().pem());
  auto yaml = [](const std::string& path) {
    return "api: {key: \"${file:key}\", profile: ./mine.yaml, ca_file: "
           "api.pem}\ninput: {urls: "
           "urls.txt}\nruns: {robot: r}\nsinks: [{type: webhook, url: u, "
           "ca_file: ca.pem, dead_letter: "
           + path + "}]\n";
  };
  for (auto& [path, key] : std::map<std::string, std::string>{
         {"mine.yaml", "api.profile (job.yaml:1:36)"},
         {"base.yaml", "api.profile (job.yaml:1:36)"},
         {"key", "api.key (job.yaml:1:12)"},
         {"job.yaml", "the config file"},
         {"api.pem", "api.ca_file (job.yaml:1:"},
         {"ca.pem", "sinks[0].ca_file (job.yaml:4:42)"},
         {"urls.txt", "input.urls (job.yaml:2:15)"}}) {
    INFO(path);
    CHECK_THAT(
      conflicts(yaml(path)),
      Catch::Contains("sinks[0].dead_letter names the same file as " + key));
  }
  CHECK(conflicts(yaml("other")) == "");
}

TEST_CASE_METHOD(fixture,
                 "no sink may write to the program that is notified of the end",
                 "[config]") {
  CHECK(conflicts(job_with_sinks(file_sink("tell"), "urls.txt",
                                 "notify: {command: [./tell, x]}\n"))
        == "job.yaml:4:28: sinks[0].path names the same file as "
           "notify.command (job.yaml:5:10), tell: write another name for one "
           "of them\n");
  // A program found in PATH is not in the config's folder.
  CHECK(conflicts(job_with_sinks(file_sink("tell"), "urls.txt",
                                 "notify: {command: [tell, x]}\n"))
        == "");
}

TEST_CASE_METHOD(fixture,
                 "a pattern of lists may not match a file that is written",
                 "[config]") {
  auto expected = Catch::StartsWith(
    "job.yaml:2:16: input.urls[0] matches a file that the job writes, "
    "sinks[0].path (job.yaml:4:28), ");
  for (auto* pattern : {"'*.txt'", "'u*'", "'./sub/../?rls.txt'"})
    CHECK_THAT(conflicts(job_with_sinks(file_sink("urls.txt"), pattern)),
               expected);
  // This applies even before the file exists. Otherwise a job could start but
  // not continue.
  fs::create_directory_symlink("sub", folder / "link");
  for (auto* pattern : {"'sub/*.txt'", "'link/*.txt'", "'*/new.txt'"}) {
    INFO(pattern);
    CHECK_THAT(conflicts(job_with_sinks(file_sink("sub/new.txt"), pattern)),
               expected);
  }
  // The pattern's own wildcard matches the link.
  fs::create_directories(folder / "far" / "below");
  fs::create_directory_symlink("far/below", folder / "near");
  CHECK_THAT(
    conflicts(job_with_sinks(file_sink("near/new.txt"), "'*ear/*.txt'")),
    expected);
  CHECK(conflicts(job_with_sinks(file_sink("sub/new.jsonl"), "'sub/*.txt'"))
        == "");
  CHECK(conflicts(job_with_sinks(file_sink("sub/new.txt"), "'*.txt'")) == "");
}

TEST_CASE_METHOD(fixture, "every conflict is found, in any order", "[config]") {
  auto found =
    conflicts(job_with_sinks("{type: webhook, url: u, ca_file: a, dead_letter: "
                             "b}, "
                             + file_sink("a")));
  CHECK_THAT(found, Catch::Contains("sinks[1].path names the same file as "
                                    "sinks[0].ca_file"));
}

TEST_CASE_METHOD(fixture, "a rehearsal may not use its own files as lists",
                 "[config]") {
  auto yaml = job_with_sinks(file_sink("a"), "a.simulated");
  CHECK(conflicts(yaml) == "");
  CHECK_THAT(conflicts(yaml, {}, true),
             Catch::Contains("sinks[0].path names the same file as "
                             "input.urls[0] (job.yaml:2:16), a.simulated"));
}

TEST_CASE_METHOD(fixture,
                 "a list on standard input may not be a file that is written",
                 "[config]") {
  auto yaml = job_with_sinks(file_sink("urls.txt"), "'-'");
  auto saved = ::dup(STDIN_FILENO);
  auto list = ::open((folder / "urls.txt").c_str(), O_RDONLY);
  ::dup2(list, STDIN_FILENO);
  auto found = conflicts(yaml);
  ::dup2(saved, STDIN_FILENO);
  ::close(list);
  ::close(saved);
  CHECK_THAT(found, Catch::Contains("sinks[0].path names the same file as "
                                    "input.urls[0]"));
  // If standard input is not a file, no sink can write to it.
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  saved = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  found = conflicts(yaml);
  ::dup2(saved, STDIN_FILENO);
  for (auto descriptor : {saved, ends[0], ends[1]})
    ::close(descriptor);
  CHECK(found == "");
}
