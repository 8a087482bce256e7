// Ledgers of every format since the first with a migration, each in the middle
// of a job. Each is migrated to the current format and continued.

#include "core/base/log.hpp"
#include "core/ledger/ledger_formats.hpp"
#include "tests/core/ledger/middle_of_job.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <regex>
#include <set>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

constexpr int64_t first_format = 3;
constexpr int64_t first_with_begin = 5;

fs::path kept_ledger(int64_t format) {
  return fs::path{SLUICE_SOURCE_DIR} / "tests/core/ledger/ledgers"
         / ("format" + std::to_string(format) + ".sluice");
}

int64_t number_of(const fs::path& file, const char* pragma) {
  auto db = must(sqlite::database::open(file));
  auto row = db->use(pragma);
  REQUIRE(row.next());
  return row.integer(0);
}

int64_t format_of(const fs::path& file) {
  return number_of(file, "PRAGMA user_version");
}

int64_t page_size_of(const fs::path& file) {
  return number_of(file, "PRAGMA page_size");
}

/// Type and name of each table, index and trigger, and its SQL without layout
/// and comments.
std::set<std::string> tables_of(const fs::path& file) {
  auto db = must(sqlite::database::open(file));
  auto row = db->use("SELECT type || ' ' || name || ': ' || sql"
                     " FROM sqlite_schema WHERE sql IS NOT NULL");
  std::set<std::string> result;
  while (row.next()) {
    auto text = std::regex_replace(row.text(0), std::regex{"--[^\n]*"}, "");
    result.insert(std::regex_replace(text, std::regex{"[\\s\"]+"}, ""));
  }
  return result;
}

struct migration_fixture : middle_of_job {
  void take(int64_t format) {
    copy = file;
    copy += ".format" + std::to_string(format);
    fs::copy_file(kept_ledger(format), file,
                  fs::copy_options::overwrite_existing);
  }

  /// Runs `body` in a separate process and kills it if requested. Returns its
  /// wait status, which is 0 if `body` returned true.
  template <class Body>
  static int in_child(Body body, int64_t kill_after_us = -1) {
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      configure_log(log_level::off, false);
      try {
        ::_exit(body() ? 0 : 1);
      } catch (...) {
        ::_exit(2);
      }
    }
    if (kill_after_us >= 0) {
      ::usleep(static_cast<useconds_t>(kill_after_us));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
  }

  fs::path copy;
};

} // namespace

// How to make `ledgers/format<n>.sluice` before the format changes:
//   SLUICE_MADE_LEDGER=<file> core_tests "a ledger in the middle of a job"
TEST_CASE_METHOD(middle_of_job, "a ledger in the middle of a job", "[.make]") {
  make();
  store.reset();
  auto wanted = std::getenv("SLUICE_MADE_LEDGER");
  REQUIRE(wanted != nullptr);
  fs::copy_file(file, wanted);
}

TEST_CASE_METHOD(middle_of_job, "a job continues from its middle", "[ledger]") {
  make();
  check_account();
  open();
  check_account();
  check_open_runs();
  check_positions();
  continue_to_end();
}

TEST_CASE_METHOD(migration_fixture,
                 "a migrated ledger keeps the size of its pages, as "
                 "do copies of it",
                 "[ledger]") {
  take(5);
  REQUIRE(page_size_of(file) == 4'096);
  open();
  auto backup = directory / "backup.sluice";
  must(store->copy_to(backup));
  CHECK(page_size_of(file) == 4'096);
  CHECK(page_size_of(copy) == 4'096);
  CHECK(page_size_of(backup) == 4'096);
}

TEST_CASE_METHOD(migration_fixture,
                 "a job with a ledger of an earlier format continues",
                 "[ledger]") {
  auto format = GENERATE(range(first_format, ledger_format));
  CAPTURE(format);
  take(format);
  fs::permissions(file, fs::perms{0640});
  open();
  CHECK(format_of(file) == ledger_format);
  check_account();
  check_open_runs();
  check_positions();
  // If the ledger does not know its beginning, the first submit counts. There
  // are no lists.
  if (format < first_with_begin)
    CHECK(must(store->begun_at_ms()) == 1'000);
  CHECK(must(store->lists()).empty());
  continue_to_end();
  // The copy is the unchanged ledger.
  CHECK(fs::status(copy).permissions() == fs::perms{0640});
  CHECK(format_of(copy) == format);
  store = must(attach_ledger(copy));
  check_account();
  store.reset();
  fs::rename(copy, file);
  open();
  continue_to_end();
}

TEST_CASE_METHOD(
  migration_fixture,
  "a ledger of an earlier format can be read and is changed only by a run",
  "[ledger]") {
  auto format = GENERATE(range(first_format, ledger_format));
  take(format);
  store = must(attach_ledger(file));
  check_account();
  size_t pending = 0;
  must(store->each_url(url_state::pending,
                       [&](const listed_url&) { return ++pending != 0; }));
  CHECK(pending == must(store->report()).pending);
  auto err = store->abandon(6);
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err), Catch::Contains("`sluice run`"));
  auto retry = store->begin_round({true, true, true}, 1);
  CHECK(code_of(retry.error()) == ec::ledger_unusable);
  CHECK(must(store->report()).rounds.empty());
  CHECK(must(store->find_url(urls_of(0, 4)[0], 9)).size() == 1);
  store.reset();
  CHECK(content_of(file) == content_of(kept_ledger(format)));
  CHECK_FALSE(fs::exists(copy));
}

TEST_CASE_METHOD(migration_fixture,
                 "a migrated ledger has the tables of a new one", "[ledger]") {
  auto format = GENERATE(range(first_format, ledger_format));
  take(format);
  open();
  store.reset();
  auto fresh = directory / "fresh.sluice";
  must(open_ledger(fresh));
  CHECK(tables_of(file) == tables_of(fresh));
}

TEST_CASE_METHOD(
  migration_fixture,
  "an interrupted migration leaves nothing that counts as a copy", "[ledger]") {
  take(first_format);
  fill(copy, "half of it");
  fill(copy.native() + ".tmp", "a part");
  open();
  check_account();
  store = must(attach_ledger(copy));
  check_account();
  CHECK_FALSE(fs::exists(copy.native() + ".tmp"));
}

TEST_CASE_METHOD(migration_fixture,
                 "a ledger that cannot be copied stays unchanged", "[ledger]") {
  take(first_format);
  SECTION("its name is taken") {
    fs::create_directories(copy.native() + ".tmp/x");
    auto result = open_ledger(file);
    REQUIRE_FALSE(result);
    CHECK(code_of(result.error()) == ec::disk);
    CHECK_THAT(what_of(result.error()), Catch::Contains("Nothing was changed")
                                          && Catch::Contains("has room")
                                          && Catch::Contains(copy.native()));
  }
  SECTION("the disk is full") {
    CHECK(in_child([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            rlimit most{40'960, 40'960};
            ::setrlimit(RLIMIT_FSIZE, &most);
            auto result = open_ledger(file);
            return !result && code_of(result.error()) == ec::disk
                   && what_of(result.error()).find("Nothing was changed")
                        != std::string::npos;
          })
          == 0);
    CHECK_FALSE(fs::exists(copy.native() + ".tmp"));
  }
  CHECK_FALSE(fs::exists(copy));
  CHECK(content_of(file) == content_of(kept_ledger(first_format)));
}

TEST_CASE_METHOD(
  migration_fixture,
  "a kill during a migration leaves the old ledger or the new one",
  "[ledger]") {
  std::set<int64_t> left;
  // The steps grow because a busy machine may take far longer than a fast one.
  for (int64_t after = 0; after < 8'000'000 && left.size() < 3;
       after += 500 + after / 8) {
    CAPTURE(after);
    take(first_format);
    auto status = in_child([&] { return open_ledger(file).engaged(); }, after);
    if (WIFEXITED(status)) { // it finished before the kill
      CHECK(WEXITSTATUS(status) == 0);
      left.insert(-1);
    }
    left.insert(format_of(file));
    store = must(attach_ledger(file));
    check_account();
    if (format_of(file) != first_format) {
      store = must(attach_ledger(copy));
      check_account();
    }
    open();
    check_account();
    check_positions();
    store.reset();
    for (auto* rest : {"", "-wal", "-shm", ".format3"})
      fs::remove(file.native() + rest);
  }
  CHECK(left.count(first_format) == 1);
  CHECK(left.count(ledger_format) == 1);
}

TEST_CASE_METHOD(migration_fixture,
                 "a batch that is set aside has a run and a reason",
                 "[ledger]") {
  take(first_format);
  open();
  store.reset();
  auto db = must(sqlite::database::open(file));
  CHECK(db->script("UPDATE batch SET state = 'set_aside' WHERE id = 11"));
  CHECK(db->script("UPDATE batch SET state = 'set_aside', reason = 'no JSON'"
                   " WHERE id = 14"));
  CHECK_FALSE(db->script("UPDATE batch SET state = 'set_aside',"
                         " reason = 'no JSON' WHERE id = 11"));
  auto row = db->use("SELECT batches, urls, captured FROM tally"
                     " WHERE state = 'set_aside'");
  REQUIRE(row.next());
  CHECK(row.integer(0) == 1);
  CHECK(row.integer(1) == 4);
  CHECK(row.integer(2) == 2);
}
