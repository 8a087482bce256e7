// A new job's ledger replaces an old one, which is never used again.

#include "core/base/state_folder.hpp"
#include "core/db/sqlite.hpp"
#include "core/ledger/ledger_files.hpp"
#include "core/ledger/ledger_note.hpp"
#include "pipeline/job_ledger.hpp"
#include "pipeline/successor_ledger.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"
#include "tests/pipeline/job_files.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

struct successor_fixture : job_files {
  successor_fixture() { begin(job, 2); }

  settings job = config("{type: 'null'}");

  static void import_nothing(ledger& store) {
    must(store.begin_import());
    must(store.finish_import({0, 0, 0, 0, 0}));
  }

  static bool is_left(const fs::path& file) {
    auto store = must(attach_ledger(file));
    return must(successor_ledger::is_left(*store, file));
  }

  static void run_sql(const fs::path& file, const char* sql) {
    must(must(sqlite::database::open(file))->script(sql));
  }
};

} // namespace

TEST_CASE_METHOD(successor_fixture,
                 "a superseded job is recognised under any name") {
  auto old = must(open_ledger(job.ledger));
  auto made = must(successor_ledger::make(job.ledger));
  import_nothing(*made->store());
  auto id = must(made->store()->job_id());
  auto aside = must(made->put_in_place(*old)).aside;
  made.reset();
  old.reset();
  auto other = file("other.sluice");
  fs::rename(aside, other);
  CHECK(is_left(other));
  CHECK(must(must(attach_ledger(other))->left_for()) == id);
  CHECK_FALSE(is_left(job.ledger));
  // It stays superseded even under the job's own name.
  fs::rename(other, job.ledger);
  CHECK(is_left(job.ledger));
  run_options options;
  job_ledger start{job, options};
  CHECK_THAT(what_of(start.open()), Catch::Contains("a new one has replaced"));
}

TEST_CASE_METHOD(
  successor_fixture,
  "a job is not superseded while the new ledger is still next to it") {
  {
    auto old = must(open_ledger(job.ledger));
    auto next = must(open_ledger(successor_of(job.ledger)));
    must(old->leave_for(must(next->job_id())));
  }
  CHECK_FALSE(is_left(job.ledger));
  fs::remove(successor_of(job.ledger));
  CHECK(is_left(job.ledger));
}

TEST_CASE_METHOD(successor_fixture,
                 "a job is not superseded if the files cannot be renamed") {
  auto old = must(open_ledger(job.ledger));
  auto made = must(successor_ledger::make(job.ledger));
  import_nothing(*made->store());
  fs::remove(successor_of(job.ledger));
  CHECK_FALSE(made->put_in_place(*old));
  made.reset();
  old.reset();
  CHECK(must(must(attach_ledger(job.ledger))->left_for()).empty());
}

TEST_CASE_METHOD(successor_fixture,
                 "if a mark cannot be taken back, the new ledger "
                 "stays and the next start takes the mark back") {
  ::setenv("XDG_STATE_HOME", file("state").c_str(), 1);
  // With the suffix of a ledger that is set aside, this name is too long.
  job.ledger = file(std::string(242, 'x'));
  begin(job, 2);
  auto old = must(open_ledger(job.ledger));
  auto made = must(successor_ledger::make(job.ledger));
  // Once closed, it is not opened again.
  run_sql(job.ledger, "CREATE TABLE strange(x)");
  import_nothing(*made->store());
  auto failed = made->put_in_place(*old);
  REQUIRE_FALSE(failed);
  CHECK(code_of(failed.error()) == ec::disk);
  CHECK_THAT(what_of(failed.error()),
             Catch::Contains("cannot be renamed to")
               && Catch::EndsWith("The old job is unchanged"));
  made.reset();
  old.reset();
  run_sql(job.ledger, "DROP TABLE strange");
  CHECK_FALSE(must(must(attach_ledger(job.ledger))->left_for()).empty());
  CHECK(fs::exists(successor_of(job.ledger)));
  CHECK_FALSE(is_left(job.ledger));
  run_options options;
  job_ledger start{job, options};
  must(start.open());
  CHECK(must(start.store().left_for()).empty());
}

TEST_CASE_METHOD(
  successor_fixture,
  "a new job whose ledger is in place but cannot be opened is only refused") {
  ::setenv("XDG_STATE_HOME", file("state").c_str(), 1);
  fill(file("urls.txt"), "https://shop.example/1\n");
  run_options options;
  options.discard_unfinished = true;
  job_ledger start{job, options};
  must(start.open());
  import_nothing(start.store());
  ledger_note other{state_folder(), must(start.store().job_id())};
  REQUIRE(other.claim());
  CHECK(code_of(start.take_place()) == ec::ledger_locked);
  start.forget_failed_import();
  CHECK(must(must(attach_ledger(job.ledger))->is_imported()));
}

TEST_CASE_METHOD(ledger_fixture,
                 "a ledger that replaces an old one stays locked") {
  auto old_id = must(open().job_id());
  auto next = must(successor_ledger::make(file));
  auto new_id = must(next->store()->job_id());
  auto placed = must(next->put_in_place(*store));
  store.reset();
  next.reset();
  CHECK(must(must(attach_ledger(placed.aside))->job_id()) == old_id);
  // A process waiting for the name cannot open it first.
  CHECK(code_of(open_ledger(file).error()) == ec::ledger_locked);
  store = must(open_ledger(file, {}, std::move(placed.lock)));
  CHECK(must(store->job_id()) == new_id);
  CHECK(code_of(open_ledger(file).error()) == ec::ledger_locked);
  CHECK(must(open_ledger(placed.aside))->job_id());
}
