#include "core/ledger/ledger_formats.hpp"
#include "core/ledger/ledger_migrations.hpp"
#include "core/ledger/ledger_objects.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

class tampered_ledger : public ledger_fixture {
public:
  /// Runs `sql` on the ledger file directly.
  void tamper(const char* sql) {
    store.reset();
    must(must(sqlite::database::open(file))->script(sql));
  }

  caf::error refusal() {
    store.reset();
    auto opened = open_ledger(file);
    auto attached = attach_ledger(file);
    REQUIRE_FALSE(opened);
    REQUIRE_FALSE(attached);
    CHECK(what_of(opened.error()) == what_of(attached.error()));
    return opened.error();
  }

  void copy_of_format_3() {
    fs::copy_file(fs::path{SLUICE_SOURCE_DIR}
                    / "tests/core/ledger/ledgers/format3.sluice",
                  file);
  }
};

} // namespace

TEST_CASE_METHOD(tampered_ledger,
                 "a ledger with additional or altered objects is refused",
                 "[ledger]") {
  open_imported(2, 3);
  auto [sql, why] = GENERATE(table<const char*, const char*>({
    {"CREATE TRIGGER extra AFTER UPDATE ON batch BEGIN"
     " UPDATE job SET submits = 0; END",
     "it has the trigger extra, which no version of sluice creates"},
    {"CREATE VIEW seen_too AS SELECT * FROM seen", "it has the view seen_too"},
    {"CREATE TABLE theirs (a)", "it has the table theirs"},
    {"CREATE INDEX theirs ON batch (abs(id))", "it has the index theirs"},
    {"ALTER TABLE batch ADD COLUMN more INTEGER AS (abs(id))",
     "its table batch differs from the one that sluice creates"},
    {"DROP TRIGGER batch_enters", "its trigger batch_enters is missing"},
    {"DROP INDEX batch_by_run;"
     " CREATE INDEX batch_by_run ON batch (id) WHERE run_id IS NOT NULL",
     "its index batch_by_run differs from"},
    {"DROP TABLE spent; CREATE VIEW spent AS SELECT 'x' AS cause, 1 AS ms",
     "it has the view spent"},
  }));
  CAPTURE(sql);
  tamper(sql);
  auto err = refusal();
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err),
             Catch::Contains(why) && Catch::Contains("restore a copy"));
}

TEST_CASE_METHOD(tampered_ledger,
                 "a ledger of an earlier format is compared with that format",
                 "[ledger]") {
  copy_of_format_3();
  SECTION("unchanged") {
    open();
  }
  SECTION("migrated to the current format and opened again") {
    open();
    open();
    tamper("CREATE TABLE theirs (a)");
    CHECK_THAT(what_of(refusal()), Catch::Contains("the table theirs"));
  }
  SECTION("altered before the migration, which is then not done") {
    tamper("CREATE TABLE theirs (a)");
    CHECK_THAT(what_of(refusal()), Catch::Contains("the table theirs"));
    CHECK_FALSE(fs::exists(file.native() + ".format3"));
  }
  SECTION("one that claims to have the current format") {
    tamper(("PRAGMA user_version = " + std::to_string(ledger_format)).c_str());
    CHECK_THAT(what_of(refusal()),
               Catch::Contains("its index batch_failed is missing"));
  }
}

TEST_CASE_METHOD(tampered_ledger, "a ledger that was analyzed is accepted",
                 "[ledger]") {
  open_imported(2, 3);
  tamper("ANALYZE");
  CHECK(must(open().next_planned()));
}

TEST_CASE_METHOD(tampered_ledger,
                 "a name in a ledger is shown escaped and truncated",
                 "[ledger]") {
  open();
  tamper("CREATE TABLE \"a\x1b[31m\" (b)");
  CHECK_THAT(what_of(refusal()), Catch::Contains("table a\\x1b[31m"));
}

TEST_CASE("comments and white space in a definition do not matter") {
  CHECK(bare_sql("CREATE  TABLE a (\n  b INTEGER, -- why\n  c /* x */ TEXT )")
        == "CREATE TABLE a(b INTEGER,c TEXT)");
  CHECK(bare_sql("CHECK (x IN ('a  b', 'it''s --'))")
        == "CHECK(x IN('a  b','it''s --'))");
  CHECK(bare_sql("\"a  b\" [c  d] `e  f`") == "\"a  b\" [c  d] `e  f`");
  CHECK(bare_sql("a NOT NULL") != bare_sql("a NOTNULL"));
  CHECK(bare_sql("'never closed  ") == "'never closed  ");
  CHECK(bare_sql("a /* never closed") == "a");
  CHECK(bare_sql("a -- never closed") == "a");
}
