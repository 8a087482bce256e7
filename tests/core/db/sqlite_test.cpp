#include "core/db/sqlite.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

class database_fixture : public ledger_fixture {
public:
  database_fixture() {
    db = must(sqlite::database::open(file));
    must(
      db->script("CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c BLOB) STRICT"));
  }

  int64_t rows() {
    auto row = db->use("SELECT count(*) FROM t");
    REQUIRE(row.next());
    return row.integer(0);
  }

  std::unique_ptr<sqlite::database> db;
};

} // namespace

TEST_CASE_METHOD(database_fixture, "values are read back as they were bound",
                 "[sqlite]") {
  std::string odd{"\0\xFF'", 3};
  std::optional<uint64_t> none;
  must(db->use("INSERT INTO t VALUES (?1, ?2, ?3)", -5, odd, sqlite::blob{odd})
         .run());
  must(db->use("INSERT INTO t VALUES (?1, ?2, ?3)", UINT64_MAX,
               std::string_view{}, sqlite::blob{})
         .run());
  must(db->use("INSERT INTO t VALUES (?1, ?2, ?3)", none, "text", none).run());
  auto row = db->use("SELECT a, b, c FROM t ORDER BY rowid");
  REQUIRE(row.next());
  CHECK(row.integer(0) == -5);
  CHECK(row.count(0) == 0);
  CHECK(row.text(1) == odd);
  CHECK(row.bytes(2) == odd);
  REQUIRE(row.next());
  CHECK(row.integer(0) == INT64_MAX); // the largest possible
  CHECK_FALSE(row.is_null(1));
  CHECK_FALSE(row.is_null(2));
  REQUIRE(row.next());
  CHECK(row.is_null(0));
  CHECK(row.text(1) == "text");
  CHECK(row.is_null(2));
  CHECK_FALSE(row.next());
  CHECK_FALSE(row.error());
}

TEST_CASE_METHOD(database_fixture, "a transaction that fails has no effect",
                 "[sqlite]") {
  auto insert = [&](int value) {
    return db->use("INSERT INTO t (a) VALUES (?1)", value);
  };
  auto err = db->write([&] {
    must(insert(1).run());
    return make_error(ec::stopped, "as the caller wishes");
  });
  CHECK(code_of(err) == ec::stopped);
  CHECK(rows() == 0);
  err = db->write([&] {
    must(insert(1).run());
    return insert(1).run(); // not unique
  });
  CHECK(code_of(err) == ec::internal);
  CHECK_THAT(what_of(err), Catch::Contains("UNIQUE"));
  CHECK(rows() == 0);
  must(db->write([&] { return insert(1).run(); }));
  CHECK(rows() == 1);
}

namespace {

class group_fixture : public database_fixture {
public:
  caf::error insert(int value, const char* sql = "INSERT INTO t (a)"
                                                 " VALUES (?1)") {
    return db->write([&] { return db->use(sql, value).run(); });
  }

  /// The rows that others see.
  int64_t durable_rows() {
    auto other = must(sqlite::database::open(file));
    auto row = other->use("SELECT count(*) FROM t");
    REQUIRE(row.next());
    return row.integer(0);
  }
};

} // namespace

TEST_CASE_METHOD(
  group_fixture,
  "work that accompanies a commit is durable with it or undoes it",
  "[sqlite]") {
  auto before = 0;
  auto after = 0;
  caf::error refuse;
  db->accompany_commits(
    {[&]() -> caf::error {
       ++before;
       must(db->use("INSERT INTO t (b) VALUES ('count')").run());
       return refuse;
     },
     [&] { ++after; }});
  must(insert(1));
  CHECK(rows() == 2);
  must(db->write([] { return caf::error{}; }));
  CHECK(insert(1)); // not unique
  CHECK(before == 1);
  CHECK(after == 1);
  must(db->begin_group());
  must(insert(2));
  must(insert(3));
  CHECK(before == 1);
  must(db->end_group());
  CHECK(before == 2);
  CHECK(durable_rows() == 5);
  refuse = make_error(ec::disk, "no");
  CHECK(code_of(insert(4)) == ec::disk);
  must(db->begin_group());
  must(insert(5));
  CHECK(code_of(db->end_group()) == ec::disk);
  CHECK(after == 2);
  CHECK(rows() == 5);
}

TEST_CASE_METHOD(group_fixture, "the changes of a group are durable together",
                 "[sqlite]") {
  must(db->script("PRAGMA journal_mode = WAL"));
  must(db->begin_group());
  must(insert(1));
  must(insert(2));
  CHECK(rows() == 2);
  CHECK(durable_rows() == 0);
  must(db->end_group());
  CHECK(durable_rows() == 2);
  must(insert(3));
  CHECK(durable_rows() == 3);
}

TEST_CASE_METHOD(group_fixture, "a refused change in a group fails alone",
                 "[sqlite]") {
  must(db->begin_group());
  must(insert(1));
  CHECK(db->write([] { return make_error(ec::usage, "no"); }));
  CHECK(insert(1)); // unique
  must(insert(3));
  must(db->end_group());
  CHECK(durable_rows() == 2);
}

TEST_CASE_METHOD(group_fixture, "a half-done change undoes its group",
                 "[sqlite]") {
  must(db->begin_group());
  must(insert(1));
  auto half = [&] { must(db->use("INSERT INTO t (a) VALUES (2)").run()); };
  if (GENERATE(true, false))
    CHECK(db->write([&] {
      half();
      return make_error(ec::internal, "no");
    }));
  else
    CHECK_THROWS(db->write([&]() -> caf::error {
      half();
      throw std::bad_alloc{};
    }));
  CHECK(insert(3));
  CHECK(db->end_group());
  CHECK(durable_rows() == 0);
  must(insert(4));
  CHECK(durable_rows() == 1);
}

TEST_CASE_METHOD(
  group_fixture,
  "a failure that undoes a whole group fails the later changes in it",
  "[sqlite]") {
  must(db->begin_group());
  must(insert(1));
  CHECK(insert(1, "INSERT OR ROLLBACK INTO t (a) VALUES (?1)"));
  CHECK(insert(2));
  CHECK(code_of(db->end_group()) == ec::disk);
  CHECK(durable_rows() == 0);
  must(db->begin_group());
  must(insert(4));
  must(db->end_group());
  CHECK(durable_rows() == 1);
}

TEST_CASE_METHOD(
  database_fixture,
  "reads in one transaction see one moment, even if others write", "[sqlite]") {
  must(db->script("PRAGMA journal_mode = WAL"));
  auto other = must(sqlite::database::open(file));
  auto add = [&] { must(other->script("INSERT INTO t (b) VALUES ('x')")); };
  auto look = [&]() -> caf::error {
    auto before = rows();
    add();
    CHECK(rows() == before);
    return {};
  };
  must(db->read(look));
  CHECK(rows() == 1);
  auto failed = db->read([&] { return make_error(ec::internal, "no"); });
  CHECK(code_of(failed) == ec::internal);
  must(db->read(look));
  CHECK(rows() == 2);
  // Inside a transaction the read changes nothing.
  must(db->begin_group());
  must(db->write([&] { return db->script("INSERT INTO t (b) VALUES ('y')"); }));
  must(db->read([&]() -> caf::error {
    CHECK(rows() == 3);
    return {};
  }));
  must(db->end_group());
  CHECK(rows() == 3);
}

TEST_CASE_METHOD(database_fixture, "a failure is confined to its statement",
                 "[sqlite]") {
  auto row = db->use("SELECT no_such_column FROM t", 1, "two");
  CHECK_FALSE(row.next());
  CHECK(code_of(row.error()) == ec::internal);
  CHECK(code_of(row.run()) == ec::internal);
}

TEST_CASE_METHOD(database_fixture,
                 "a result code becomes an error code with advice",
                 "[sqlite]") {
  CHECK(code_of(db->failure(5)) == ec::ledger_locked); // SQLITE_BUSY
  CHECK(code_of(db->failure(13)) == ec::disk);         // SQLITE_FULL
  CHECK_THAT(what_of(db->failure(13)), Catch::Contains(file.string()));
  CHECK_THAT(what_of(db->failure(13)), Catch::Contains("free some space"));
  CHECK(code_of(db->failure(11)) == ec::ledger_unusable); // SQLITE_CORRUPT
}

TEST_CASE_METHOD(database_fixture,
                 "a statement says whether its own values were refused",
                 "[sqlite]") {
  auto refusal_of = [&](const char* sql) {
    auto statement = db->use(sql);
    (void)statement.run();
    return statement.refusal();
  };
  CHECK_FALSE(refusal_of("INSERT INTO t (a) VALUES (1)"));
  CHECK(refusal_of("INSERT INTO t (a) VALUES (1)")
        == "UNIQUE constraint failed: t.a");
  CHECK(refusal_of("INSERT INTO t (a) VALUES ('x')"));
  must(db->script("PRAGMA query_only = 1"));
  CHECK_FALSE(refusal_of("INSERT INTO t (a) VALUES (2)"));
}

TEST_CASE_METHOD(database_fixture,
                 "a statement is checked against the schema of the moment",
                 "[sqlite]") {
  CHECK_FALSE(db->check("INSERT INTO t (a) VALUES (?1)"));
  must(db->script("DROP TABLE t"));
  auto err = db->check("INSERT INTO t (a) VALUES (?1)");
  CHECK_THAT(what_of(err), Catch::Contains("no such table: t"));
}

TEST_CASE_METHOD(database_fixture, "a database notices that its file was moved",
                 "[sqlite]") {
  CHECK_FALSE(db->has_moved());
  std::filesystem::rename(file, file.native() + ".away");
  CHECK(db->has_moved());
}

TEST_CASE_METHOD(database_fixture,
                 "errors name a database and advise by its purpose",
                 "[sqlite]") {
  sqlite::purpose purpose{"the test's file",
                          {ec::disk, "mend it"},
                          {ec::unavailable, "wait"},
                          {ec::refused, "think"},
                          std::chrono::milliseconds{0},
                          false};
  auto other = must(sqlite::database::open(file, purpose));
  must(db->begin());
  auto err = other->begin();
  CHECK(code_of(err) == ec::unavailable);
  CHECK_THAT(what_of(err), Catch::StartsWith("the test's file '")
                             && Catch::EndsWith("): wait"));
  db->rollback();
  CHECK(code_of(other->script("nonsense")) == ec::refused);
  // Its schema is not ours: json_valid is no danger.
  must(other->script("CREATE TABLE j (a CHECK (json_valid(a)))"));
  must(other->use("INSERT INTO j VALUES ('1')").run());
  CHECK(db->use("INSERT INTO j VALUES ('1')").run());
}
