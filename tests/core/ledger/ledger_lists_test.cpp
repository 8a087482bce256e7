// What a ledger records about the job's lists, and what a job leaves behind.

#include "core/db/sqlite.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "tests/core/ledger/middle_of_job.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <chrono>
#include <filesystem>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

const list_identity a_file{"/lists/a.txt", file_stamp{1'234, 1'700'000'000'123},
                           std::string{"0123456\0abcdefg\xFF", 16}, "lines"};
/// Changed just before it was read.
const list_identity a_new_file{"/lists/b.txt", file_stamp{5, {}},
                               std::string(16, 'b'), "lines"};
const list_identity a_pipe{"-", {}, std::string(16, 'p'), "lines"};

} // namespace

TEST_CASE_METHOD(
  ledger_fixture,
  "a finished import records its lists and an unfinished one discards them",
  "[ledger]") {
  open();
  must(store->begin_import());
  must(store->add_list({"/lists/old.txt", {}, std::string(16, 'o'), "lines"}));
  // A later chunk commits it, and the process ends.
  std::string tail(4'000, 'x');
  for (size_t i = 0; i < 5'000; ++i)
    must(store->add_batch(
      "rbt_1", {"https://shop.example/" + std::to_string(i) + tail}));
  open();
  CHECK(must(store->lists()).size() == 1);
  CHECK_FALSE(must(store->is_imported()));

  must(store->begin_import());
  must(store->add_list(a_file));
  must(store->add_list(a_pipe));
  must(store->add_batch("rbt_1", views(urls_of(0, 2))));
  must(store->finish_import({2, 0, 0, 2, 1}));
  for (auto again : {false, true}) {
    if (again)
      open();
    CHECK(must(store->lists()) == std::vector{a_file, a_pipe});
  }
  must(store->renew_lists({a_pipe, a_new_file, a_file}));
  open();
  CHECK(must(store->lists()) == std::vector{a_pipe, a_new_file, a_file});
  CHECK(must(store->report()).pending == 2);
}

TEST_CASE_METHOD(ledger_fixture, "a ledger knows when its job began",
                 "[ledger]") {
  auto now = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
  };
  auto before = now();
  open();
  auto begun = must(store->begun_at_ms());
  CHECK(begun > before - 1'000);
  CHECK(begun <= now());
  open();
  CHECK(must(store->begun_at_ms()) == begun);
}

TEST_CASE_METHOD(
  ledger_fixture,
  "a job begins with its import, not with the creation of its ledger",
  "[ledger]") {
  open();
  store.reset();
  auto db = must(sqlite::database::open(file));
  must(db->script("UPDATE job SET begun_ms = 1000"));
  db.reset();
  open();
  CHECK(must(store->begun_at_ms()) == 1'000);
  must(store->begin_import());
  CHECK(must(store->begun_at_ms()) > 1'000);
}

TEST_CASE_METHOD(ledger_fixture,
                 "a ledger closed for renaming is one file and stays locked",
                 "[ledger]") {
  open_imported(2, 3);
  auto beside = must(ledger::attach(file));
  {
    auto lock = must(store->close());
    auto log = file;
    log += "-wal";
    CHECK((!fs::exists(log) || fs::file_size(log) == 0));
    CHECK(ledger_lock::holder(file) == std::to_string(::getpid()));
    store.reset();
    CHECK(ledger_lock::holder(file) == std::to_string(::getpid()));
    fs::copy_file(file, directory / "copy.sluice");
  }
  CHECK_FALSE(ledger_lock::holder(file));
  CHECK(must(beside->report()).pending == 6);
  beside = must(ledger::attach(directory / "copy.sluice"));
  CHECK(must(beside->report()).pending == 6);
}

TEST_CASE_METHOD(
  ledger_fixture,
  "a ledger with a reader is not closed for renaming and continues",
  "[ledger]") {
  open_imported(2, 3);
  auto reader = must(sqlite::database::open(file));
  must(reader->script("BEGIN; SELECT count(*) FROM batch;"));
  must(store->begin_submit(must(store->next_planned())->key, {"worker", 0}));
  auto lock = store->close();
  REQUIRE_FALSE(lock);
  CHECK(code_of(lock.error()) == ec::ledger_locked);
  CHECK(must(store->report()).pending == 6);
}

TEST_CASE_METHOD(middle_of_job, "the state of a job says what it leaves behind",
                 "[ledger]") {
  make();
  auto work = must(store->work_in_hand(1));
  CHECK(work.open.batches == 2);
  CHECK(work.open.urls == 8);
  CHECK(work.open.captures == 8);
  CHECK(work.open.names == std::vector<std::string>{"run_10"});
  CHECK(work.unread.batches == 2);
  CHECK(work.unread.captures == 8);
  CHECK(must(store->work_in_hand(5)).unread.names
        == std::vector<std::string>{"run_11", "run_12"});
  CHECK(work.unsure.batches == 1);
  CHECK(work.unsure.names == std::vector<std::string>{"batch 9"});
  CHECK(work.held.batches == 1);
  CHECK(work.held.urls == 4);
  CHECK(work.set_aside.batches == 0);
  CHECK(work.set_aside.names.empty());
}
