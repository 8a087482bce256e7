#include "core/db/sqlite.hpp"
#include "core/ledger/ledger.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "core/model/listing.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <fstream>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// Runs `sql` directly on a file.
void tamper(const std::filesystem::path& file, const char* sql) {
  auto db = must(sqlite::database::open(file));
  must(db->script(sql));
}

caf::error error_at_open(const std::filesystem::path& file) {
  auto store = open_ledger(file);
  return store ? caf::error{} : store.error();
}

} // namespace

TEST_CASE_METHOD(ledger_fixture, "a new ledger is empty and keeps its job id",
                 "[ledger]") {
  auto id = must(open().job_id());
  CHECK(id.size() == 32);
  CHECK_FALSE(must(store->is_imported()));
  CHECK_FALSE(must(store->has_runs()));
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->report()).total() == 0);
  CHECK(must(store->imported()).records == 0);
  CHECK(must(store->last_delivery()) == 0);
  CHECK(must(open().job_id()) == id);
}

TEST_CASE_METHOD(ledger_fixture, "two ledgers have different job ids",
                 "[ledger]") {
  auto first = must(open().job_id());
  file = directory / "other.sluice";
  CHECK(must(open().job_id()) != first);
}

TEST_CASE_METHOD(ledger_fixture, "a ledger can be open only once at a time",
                 "[ledger]") {
  open();
  auto alias = directory / "alias.sluice";
  std::filesystem::create_symlink(file, alias);
  for (auto& name : {file, alias}) {
    auto err = error_at_open(name);
    CHECK(code_of(err) == ec::ledger_locked);
    CHECK_THAT(what_of(err), Catch::Contains(file.string()));
    CHECK_THAT(what_of(err), Catch::Contains(std::to_string(::getpid())));
  }
  store.reset();
  CHECK_FALSE(error_at_open(file));
}

TEST_CASE_METHOD(ledger_fixture,
                 "deleting the lock file does not let a second process in",
                 "[ledger]") {
  open_imported(1, 3);
  auto lock = file;
  lock += ".lock";
  std::filesystem::remove(lock);
  for (auto i = 0; i < 2; ++i) { // the second finds the first one's lock file
    auto err = error_at_open(file);
    CHECK(code_of(err) == ec::ledger_locked);
    CHECK_THAT(what_of(err), Catch::Contains("is in use by another sluice")
                               && Catch::Contains("its lock file was deleted"));
  }
  store.reset();
  CHECK_FALSE(error_at_open(file));
}

TEST_CASE_METHOD(ledger_fixture,
                 "a file that is not a ledger is refused and left unchanged",
                 "[ledger]") {
  std::string text(8'192, 'x');
  std::ofstream{file} << text;
  auto err = error_at_open(file);
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err), Catch::Contains("name another file"));
  std::ifstream in{file};
  CHECK(std::string{std::istreambuf_iterator<char>{in}, {}} == text);
}

TEST_CASE_METHOD(ledger_fixture, "another program's database is refused",
                 "[ledger]") {
  tamper(file, "CREATE TABLE theirs (a)");
  auto err = error_at_open(file);
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err), Catch::Contains("another program"));
}

TEST_CASE_METHOD(ledger_fixture, "a ledger with a newer format is refused",
                 "[ledger]") {
  open();
  store.reset();
  tamper(file, "PRAGMA user_version = 99");
  auto err = error_at_open(file);
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err), Catch::Contains("format 99"));
  CHECK_THAT(what_of(err), Catch::Contains("formats 3 to 6;"));
}

TEST_CASE_METHOD(ledger_fixture, "a ledger with an older format is refused",
                 "[ledger]") {
  open();
  store.reset();
  tamper(file, "PRAGMA user_version = 2");
  auto err = error_at_open(file);
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err), Catch::Contains("older sluice wrote it"));
  auto beside = attach_ledger(file);
  REQUIRE_FALSE(beside);
  CHECK(code_of(beside.error()) == ec::ledger_unusable);
}

TEST_CASE_METHOD(ledger_fixture, "a truncated ledger is reported as damaged",
                 "[ledger]") {
  open_imported(500, 20);
  store.reset();
  std::filesystem::resize_file(file, 3 * 4'096);
  auto err = error_at_open(file);
  if (!err) { // the rest may be enough to open it but not to use it
    open();
    auto next = store->next_planned();
    REQUIRE_FALSE(next);
    err = next.error();
  }
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err), Catch::Contains("damaged"));
}

TEST_CASE_METHOD(ledger_fixture, "an altered block of URLs is detected",
                 "[ledger]") {
  open_imported(1, 20);
  store.reset();
  auto change =
    GENERATE("UPDATE block SET urls = substr(urls, 1, 20)",
             "UPDATE block SET urls = x''", "UPDATE batch SET url_count = 19",
             "DELETE FROM block");
  CAPTURE(change);
  tamper(file, change);
  auto next = open().next_planned();
  REQUIRE_FALSE(next);
  CHECK(code_of(next.error()) == ec::ledger_unusable);
  CHECK_THAT(what_of(next.error()), Catch::Contains("batch 1"));
}

TEST_CASE_METHOD(ledger_fixture,
                 "a missing directory is reported as a disk error",
                 "[ledger]") {
  auto err = error_at_open(directory / "absent" / "job.sluice");
  CHECK(code_of(err) == ec::disk);
  CHECK_THAT(what_of(err), Catch::Contains("directory exists"));
  err = error_at_open(directory);
  CHECK(code_of(err) == ec::disk);
}

TEST_CASE_METHOD(ledger_fixture, "an empty file becomes a new ledger",
                 "[ledger]") {
  std::ofstream{file}.close();
  CHECK_FALSE(error_at_open(file));
}

TEST_CASE_METHOD(ledger_fixture, "a full disk undoes the whole transaction",
                 "[ledger]") {
  open_imported(1, 10);
  auto key = ended();
  tamper(file, "CREATE TRIGGER full BEFORE INSERT ON seen BEGIN"
               " SELECT raise(ABORT, 'stand-in for a full disk'); END");
  run_progress progress;
  progress.batch = key;
  progress.state.captures = 5;
  progress.new_identities.resize(5);
  auto err = store->commit({7, {{"all", "at 500"}}, {progress}, {}});
  CHECK(err);
  CHECK(must(store->last_delivery()) == 0);
  CHECK_FALSE(must(store->position_of("all")));
  CHECK(must(store->report()).captures == 0);
}

TEST_CASE_METHOD(ledger_fixture, "a ledger is bound to one job", "[ledger]") {
  job_binding identity{{"robot", "rbt_1"}, {"sink all", "file a.jsonl"}};
  must(open().bind(identity));
  must(open().bind(identity));
  must(store->bind({identity[1], identity[0]})); // order does not matter

  auto err = store->bind({{"robot", "rbt_2"}, {"sink all", "file a.jsonl"}});
  CHECK(code_of(err) == ec::usage);
  CHECK_THAT(what_of(err),
             Catch::Contains("robot was 'rbt_1' and is now 'rbt_2'"));
  CHECK_THAT(what_of(err), !Catch::Contains("sink all"));
  CHECK_THAT(what_of(err), Catch::Contains("name another ledger"));

  err = store->bind({{"robot", "rbt_1"}, {"sink hook", "webhook"}});
  CHECK(code_of(err) == ec::usage);
  CHECK_THAT(what_of(err), Catch::Contains("sink all was 'file a.jsonl' and is "
                                           "now absent; sink hook was absent "
                                           "and is now 'webhook'"));
  must(store->bind(identity)); // a refusal changes nothing
}

TEST_CASE_METHOD(ledger_fixture, "a value that was empty may be set once",
                 "[ledger]") {
  must(open().bind({{"robot", "rbt_1"}, {"dead letter", ""}}));
  job_binding given{{"robot", "rbt_1"}, {"dead letter", "a.jsonl"}};
  must(store->bind(given));
  must(open().bind(given));
  for (auto* other : {"", "b.jsonl"}) {
    auto err = store->bind({{"robot", "rbt_1"}, {"dead letter", other}});
    CHECK(code_of(err) == ec::usage);
    CHECK_THAT(what_of(err), Catch::Contains("dead letter was 'a.jsonl'"));
  }
}

TEST_CASE_METHOD(ledger_fixture,
                 "a ledger has a single lock, even through a dangling link",
                 "[ledger]") {
  std::filesystem::create_directory(directory / "real");
  auto target = directory / "real/job.sqlite";
  auto alias = directory / "alias.sluice";
  std::filesystem::create_symlink("second.sluice", alias);
  std::filesystem::create_symlink("real/job.sqlite",
                                  directory / "second.sluice");
  auto first = must(open_ledger(alias));
  CHECK(std::filesystem::exists(target));
  for (auto& name : {target, alias}) {
    auto second = open_ledger(name);
    REQUIRE_FALSE(second);
    CHECK(code_of(second.error()) == ec::ledger_locked);
  }
}

TEST_CASE_METHOD(ledger_fixture,
                 "the holder of a ledger is known without disturbing it",
                 "[ledger]") {
  auto alias = directory / "alias.sluice";
  std::filesystem::create_symlink(file, alias);
  CHECK_FALSE(ledger_lock::holder(file));
  open();
  for (auto& name : {file, alias}) {
    CHECK(ledger_lock::holder(name) == std::to_string(::getpid()));
    CHECK(code_of(ledger_lock::check_free(name)) == ec::ledger_locked);
  }
  store.reset();
  CHECK_FALSE(ledger_lock::holder(file));
  CHECK_FALSE(ledger_lock::check_free(file));
  open();
}

TEST_CASE_METHOD(
  ledger_fixture,
  "a waiting process gets the ledger as soon as its holder releases it",
  "[ledger]") {
  open();
  auto asked = 0;
  auto lock = ledger_lock::take_when_free(file, [&](const std::string& by) {
    CHECK(by == std::to_string(::getpid()));
    if (++asked == 2)
      store.reset();
    return true;
  });
  REQUIRE(lock);
  CHECK(asked == 2);
  // No other process can intervene between waiting and opening.
  CHECK(code_of(open_ledger(file).error()) == ec::ledger_locked);
  store = must(open_ledger(file, {}, std::move(*lock)));
  CHECK(ledger_lock::holder(file) == std::to_string(::getpid()));
}

TEST_CASE_METHOD(ledger_fixture, "waiting for a ledger can be stopped",
                 "[ledger]") {
  open();
  auto lock =
    ledger_lock::take_when_free(file, [](const auto&) { return false; });
  REQUIRE_FALSE(lock);
  CHECK(code_of(lock.error()) == ec::interrupted);
}
