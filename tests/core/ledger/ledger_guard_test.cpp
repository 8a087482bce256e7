// A ledger that is deleted, replaced, or restored to an older state is detected
// before it costs anything.

#include "core/base/log.hpp"
#include "core/ledger/ledger_migrations.hpp"
#include "core/ledger/ledger_note.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

struct guard_fixture : ledger_fixture {
  fs::path notes = directory / "state" / "sluice";

  ledger& open_noted() {
    store.reset();
    store = must(open_ledger(file, notes));
    return *store;
  }

  /// Imports the job with this many batches and notes its ledger.
  void begin(size_t batches) {
    open_imported(batches, 2);
    open_noted();
  }

  fs::path note() { return notes / ("job-" + must(store->job_id())); }

  uint64_t noted() { return ledger_note{notes, must(store->job_id())}.read(); }

  int64_t changes() {
    auto db = must(sqlite::database::open(file));
    auto row = db->use("SELECT changes FROM job");
    REQUIRE(row.next());
    return row.integer(0);
  }

  /// Closes the ledger and returns the content of its file.
  std::string closed() {
    store.reset();
    CHECK_FALSE(fs::exists(file.native() + "-wal"));
    return content_of(file);
  }

  caf::error refusal() {
    store.reset();
    auto result = open_ledger(file, notes);
    REQUIRE_FALSE(result);
    CHECK(code_of(result.error()) == ec::ledger_unusable);
    return result.error();
  }
};

} // namespace

TEST_CASE_METHOD(guard_fixture,
                 "a ledger that is deleted or replaced is no longer changed",
                 "[ledger]") {
  auto lost = file;
  lost += GENERATE("", "-wal", "-shm", ".lock");
  begin(3);
  auto first = running();
  CAPTURE(lost);
  auto what = "deleted or moved";
  SECTION("deleted") {
    fs::remove(lost);
  }
  SECTION("moved") {
    fs::rename(lost, directory / "elsewhere");
  }
  SECTION("replaced") {
    fs::copy_file(lost, directory / "copy");
    fs::rename(directory / "copy", lost);
    what = "replaced";
  }
  auto next = must(store->next_planned())->key;
  auto fails = [&](const caf::error& err) {
    CHECK(code_of(err) == ec::disk);
    CHECK_THAT(what_of(err),
               Catch::Contains(what) && Catch::Contains(lost.native() + "'"));
  };
  fails(store->begin_submit(next, {"worker", 0}));
  fails(store->commit({1, {}, {}, {}}));
  must(store->begin_group());
  must(store->begin_submit(next, {"worker", 0}));
  fails(store->end_group());
  // None of it has any effect, and the account can still be reported.
  CHECK(must(store->report()).requests.submits == 1);
  CHECK(must(store->open_runs()).at(0).batch == first);
}

TEST_CASE_METHOD(guard_fixture,
                 "a ledger that replaces one in use keeps its content and the "
                 "other keeps its last commits",
                 "[ledger]") {
  begin(3);
  auto copy = directory / "copy";
  must(store->copy_to(copy));
  must(store->begin_submit(must(store->next_planned())->key, {"worker", 0}));
  auto moved = directory / "moved";
  fs::rename(file, moved);
  fs::rename(copy, file);
  store.reset();
  CHECK(must(must(attach_ledger(file))->report()).requests.submits == 0);
  fs::path aside;
  for (auto& entry : fs::directory_iterator(directory))
    if (entry.path().filename().native().starts_with(file.filename().native()
                                                     + "-wal."))
      aside = entry.path();
  REQUIRE_FALSE(aside.empty());
  fs::rename(aside, moved.native() + "-wal");
  CHECK(must(must(attach_ledger(moved))->report()).requests.submits == 1);
}

TEST_CASE_METHOD(guard_fixture,
                 "every transaction that changes the ledger is counted "
                 "and noted",
                 "[ledger]") {
  open_noted();
  auto before = changes();
  auto counts = [&](int64_t more) {
    before += more;
    CHECK(changes() == before);
    CHECK(noted() == static_cast<uint64_t>(before));
  };
  must(store->bind({{"robot", "rbt_1"}}));
  counts(1);
  must(store->bind({{"robot", "rbt_1"}})); // nothing new
  counts(0);
  must(store->begin_import());
  before = changes();
  for (size_t i = 0; i < 4; ++i)
    must(store->add_batch("rbt_1", views(urls_of(i, 2))));
  must(store->finish_import({8, 0, 0, 8, 4}));
  counts(2);
  auto key = in_flight();
  counts(1);
  CHECK(store->settle(99, submit_result::split, {}, 1));
  must(store->report());
  must(store->open_runs());
  counts(0);
  must(store->begin_group());
  must(store->settle(key, submit_result::held, "the reply was lost", 1));
  in_flight();
  must(store->end_group());
  counts(1);
  // Another process makes a decision.
  auto beside = must(attach_ledger(file, notes));
  must(beside->abandon(key));
  counts(1);
  beside.reset();
  in_flight();
  counts(1);
  must(store->commit({1, {}, {}, {}}));
  counts(1);
}

TEST_CASE_METHOD(guard_fixture,
                 "an old copy of a ledger is refused with the ways to continue",
                 "[ledger]") {
  begin(3);
  auto held = in_flight();
  must(store->settle(held, submit_result::held, "the reply was lost", 1));
  auto name = note();
  auto copy = closed();
  open_noted();
  running();
  auto last = noted();
  auto newest = closed();
  fill(file, copy);
  CHECK_THAT(what_of(refusal()),
             Catch::Contains("old copy") && Catch::Contains(name.native())
               && Catch::Contains("Put the newer ledger back")
               && Catch::Contains("remove '"));
  CHECK(content_of(file) == copy);

  SECTION("reports read it and decisions are refused") {
    store = must(attach_ledger(file, notes));
    CHECK(must(store->report()).held == 2);
    CHECK(code_of(store->abandon(held)) == ec::ledger_unusable);
    CHECK(noted() == last);
    refusal();
  }
  SECTION("the newer one is restored") {
    fill(file, newest);
    open_noted();
    CHECK(must(store->report()).runs == 1);
  }
  SECTION("the note is removed because the copy is intended") {
    fs::remove(name);
    open_noted();
    running();
    CHECK(noted() == static_cast<uint64_t>(changes()));
    open_noted();
  }
  SECTION("a machine that has never seen the job") {
    notes = directory / "other";
    open_noted();
  }
}

TEST_CASE_METHOD(guard_fixture,
                 "an outdated or unreadable note causes no refusal",
                 "[ledger]") {
  begin(3);
  running();
  auto text = GENERATE(as<std::string>{}, "", "00000000000000000001\n", "123",
                       "000000000000000000x9\n", "99999999999999999999\n");
  fill(note(), text);
  open_noted();
  running();
  CHECK(noted() == static_cast<uint64_t>(changes()));
}

TEST_CASE_METHOD(
  guard_fixture,
  "a restored ledger of an earlier format is an old copy and is not migrated",
  "[ledger]") {
  auto old = content_of(fs::path{SLUICE_SOURCE_DIR}
                        / "tests/core/ledger/ledgers/format3.sluice");
  fill(file, old);
  open_noted();
  must(store->hold_interrupted());
  store.reset();
  fill(file, old);
  CHECK_THAT(what_of(refusal()), Catch::Contains("it has 0 changes"));
  CHECK(content_of(file) == old);
}

TEST_CASE_METHOD(guard_fixture,
                 "a job continues, with one warning, if nothing can be noted",
                 "[ledger]") {
  fill(directory / "state", "a file");
  auto warnings = recent_problems().warnings;
  begin(3);
  running();
  running();
  CHECK(recent_problems().warnings == warnings + 1);
  CHECK(recent_problems().latest.back().event == "ledger_not_noted");
  open_noted();
}

TEST_CASE_METHOD(guard_fixture, "only its user can read a note", "[ledger]") {
  begin(1);
  running();
  CHECK(fs::status(note()).permissions() == fs::perms{0600});
  auto text = content_of(note());
  CHECK(text.substr(20) == "\n" + file.native() + "\n");
}

TEST_CASE_METHOD(guard_fixture,
                 "two copies of a ledger do not run at the same time",
                 "[ledger]") {
  begin(3);
  auto held = in_flight();
  must(store->settle(held, submit_result::held, "the reply was lost", 1));
  auto copy = directory / "copy.sluice";
  must(store->copy_to(copy));
  auto second = open_ledger(copy, notes);
  REQUIRE_FALSE(second);
  CHECK(code_of(second.error()) == ec::ledger_locked);
  CHECK_THAT(what_of(second.error()), Catch::Contains(copy.native())
                                        && Catch::Contains("is a copy")
                                        && Catch::Contains(file.native()));
  SECTION("the other takes no decisions but can be read") {
    auto beside = must(attach_ledger(copy, notes));
    CHECK(must(beside->report()).held == 2);
    CHECK(code_of(beside->abandon(held)) == ec::ledger_locked);
    must(must(attach_ledger(file, notes))->abandon(held));
  }
  SECTION("the other takes no decisions if opened earlier") {
    store.reset();
    auto beside = must(attach_ledger(copy, notes));
    must(beside->report());
    open_noted();
    CHECK(code_of(beside->abandon(held)) == ec::ledger_locked);
    running();
    auto last = noted();
    store.reset();
    CHECK(code_of(beside->abandon(held)) == ec::ledger_unusable);
    CHECK(must(beside->report()).held == 2);
    open_noted();
    CHECK(noted() == last);
  }
  SECTION("a copy opened without a change does not become the job's place") {
    store.reset();
    must(open_ledger(copy, notes));
    open_noted();
    CHECK(content_of(note()).ends_with(file.native() + "\n"));
  }
  SECTION("the copy that continues first becomes the job") {
    store.reset();
    auto copied = must(open_ledger(copy, notes));
    must(copied->abandon(held));
    copied.reset();
    CHECK_THAT(what_of(refusal()),
               Catch::Contains("is an old copy")
                 && Catch::Contains("last ran with '" + copy.native()));
  }
}
