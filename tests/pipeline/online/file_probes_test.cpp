#include "pipeline/online/file_probes.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <sys/fsuid.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;
using enum probe_state;

namespace {

namespace fs = std::filesystem;

named_file written(const fs::path& path, const std::string& key = "path") {
  return {path.string(), key, {}, named_file::use::write};
}

/// Root has every permission, so the tests check as another user.
class as_nobody {
public:
  as_nobody() {
    constexpr uid_t nobody = 65'534;
    is_root_ = ::geteuid() == 0;
    if (is_root_ && ::seteuid(nobody) != 0)
      throw std::runtime_error{"cannot become nobody"};
  }

  ~as_nobody() {
    if (is_root_ && ::seteuid(0) != 0)
      std::abort();
  }

  as_nobody(const as_nobody&) = delete;
  as_nobody& operator=(const as_nobody&) = delete;

private:
  bool is_root_ = false;
};

struct fixture {
  fixture() {
    fs::permissions(folder.path(), fs::perms::all);
    fs::create_directory(folder / "closed");
    fill(folder / "closed/captures.jsonl", "");
    fill(folder / "mine.jsonl", "");
    fs::permissions(folder / "mine.jsonl", fs::perms::all);
    fill(folder / "others.jsonl", "");
    fs::permissions(folder / "others.jsonl", fs::perms::none);
    fs::permissions(folder / "closed",
                    fs::perms::owner_read | fs::perms::owner_exec
                      | fs::perms::others_read | fs::perms::others_exec);
  }

  temp_folder folder;
};

} // namespace

TEST_CASE_METHOD(fixture, "a file to be created needs a writable folder") {
  as_nobody somebody;
  CHECK(probe_written(written(folder / "new.jsonl")).state == ok);
  CHECK_FALSE(fs::exists(folder / "new.jsonl"));
  CHECK(probe_written(written(folder / "closed/new.jsonl")).state == failure);
  auto missing = probe_written(written(folder / "missing/new.jsonl"));
  CHECK(missing.state == failure);
  CHECK_THAT(missing.text, Catch::Contains("create the folder"));
}

TEST_CASE_METHOD(
  fixture,
  "an existing file must be writable, and so must the folder of a ledger") {
  fs::create_symlink("mine.jsonl", folder / "link");
  as_nobody somebody;
  CHECK(probe_written(written(folder / "mine.jsonl")).state == ok);
  CHECK(probe_written(written(folder / "link")).state == ok);
  CHECK(probe_written(written("/dev/null")).state == ok);
  CHECK(probe_written(written(folder / "others.jsonl")).state == failure);
  CHECK(probe_written(written(folder / "closed")).state == failure);
  CHECK(probe_written(written(folder / "mine.jsonl", "ledger")).state == ok);
  CHECK(probe_written(written(folder / "closed/captures.jsonl", "ledger")).state
        == failure);
}

TEST_CASE("each file that a job writes is checked once") {
  settings config;
  using use = named_file::use;
  config.files = {
    {"/j/a.sluice", "ledger", {}, use::write},
    {"/j/a.sluice-wal", "the ledger's -wal", {}, use::write, true},
    {"-", "the standard output of sinks[1]", {}, use::write},
    {"/j/urls.txt", "input.urls", {}, use::list},
    {"/j/c.simulated", "sinks[0].path", {}, use::rehearse},
    {"/j/c", "sinks[0].path", {}, use::write}};
  auto files = written_files(config);
  REQUIRE(files.size() == 2);
  CHECK(files[0].path == "/j/a.sluice");
  CHECK(files[1].path == "/j/c");
}

TEST_CASE_METHOD(fixture, "every unreadable list is a separate failure") {
  fill(folder / "a.txt", "https://a.example/\n");
  fill(folder / "b.txt", "https://a.example/\n");
  auto path = [&](const char* name) { return (folder / name).string(); };
  as_nobody somebody;
  auto good = probe_lists({path("*.txt")});
  REQUIRE(good.size() == 1);
  CHECK(good[0].result.state == ok);
  CHECK_THAT(good[0].result.text, Catch::StartsWith("2 lists"));
  auto bad = probe_lists({path("a.txt"), path("others.jsonl"), path("closed"),
                          path("missing"), path("*.csv"), "-"});
  REQUIRE(bad.size() == 6);
  CHECK(bad[0].result.state == ok);
  for (auto i : {1, 2, 4, 5})
    CHECK(bad[static_cast<size_t>(i)].result.state == failure);
  CHECK(bad[3].result.state == warning);
}

TEST_CASE_METHOD(
  fixture, "the space for the import is estimated from lists of known size") {
  fill(folder / "a.txt", std::string(4000, 'x'));
  fill(folder / "b.txt.gz", std::string(4000, 'x'));
  auto path = [&](const char* name) { return (folder / name).string(); };
  CHECK(import_estimate({path("a.txt")}) == 5000U);
  CHECK_FALSE(import_estimate({path("a.txt"), path("b.txt.gz")}));
  CHECK_FALSE(import_estimate({"-"}));
}

TEST_CASE(
  "a disk needs space for the import, or one GiB if the size is unknown") {
  constexpr auto mib = uint64_t{1} << 20;
  auto room = [](uint64_t free, std::optional<uint64_t> needs, bool captures) {
    return room_result({"/x", free, needs, captures}).state;
  };
  CHECK(room(100 * mib, 50 * mib, false) == ok);
  CHECK(room(100 * mib, 101 * mib, false) == warning);
  CHECK(room(100 * mib, std::nullopt, false) == warning);
  CHECK(room(1024 * mib, std::nullopt, false) == ok);
  CHECK(room(1023 * mib, 50 * mib, true) == warning);
  CHECK(room(1024 * mib, 50 * mib, true) == ok);
  CHECK(room(2048 * mib, 3000 * mib, true) == warning);
}

TEST_CASE_METHOD(fixture, "each disk is reported once") {
  settings config;
  config.ledger = folder / "job.sluice";
  using use = named_file::use;
  config.files = {{config.ledger.string(), "ledger", {}, use::write},
                  {(folder / "c").string(), "sinks[0].path", {}, use::write},
                  {"/proc/none/c", "sinks[1].path", {}, use::write}};
  auto disks = probe_disks(config);
  REQUIRE(disks.size() == 2);
  CHECK_THAT(disks[0].subject, Catch::Contains(folder.path().string()));
  CHECK_THAT(disks[1].subject, Catch::Contains("'/proc'"));
  CHECK(disks[1].result.state == warning);
}

TEST_CASE_METHOD(fixture, "the files next to a ledger must be writable") {
  auto ledger = written(folder / "job.sluice", "ledger");
  for (auto* suffix : {".lock", "-wal", "-shm"}) {
    auto companion = ledger.path + suffix;
    fill(companion, "");
    fs::permissions(companion, fs::perms::none);
    {
      as_nobody somebody;
      auto result = probe_written(ledger);
      CHECK(result.state == failure);
      CHECK_THAT(result.text, Catch::Contains(suffix));
    }
    fs::permissions(companion, fs::perms::all);
    as_nobody somebody;
    CHECK(probe_written(ledger).state == ok);
  }
}
