#include "actors/sinks/postgres_sieve.hpp"
#include "tests/support/postgres_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using test::postgres_client;
using test::postgres_server;

namespace {

/// Rows of one column, copied into the table t of a new database.
class sieving {
public:
  sieving(postgres_server& server, const std::string& ddl)
      : dsn{server.new_database()}, db{dsn} {
    db.script(ddl);
    db.script("BEGIN; SET CONSTRAINTS ALL IMMEDIATE");
  }

  sieved_rows run(const std::vector<std::string>& lines) {
    auto out = sieve_rows(
      db.connection(), lines.size(), "t", [&](const row_range& range) {
        std::string data;
        for (auto i = range.begin; i < range.end; ++i)
          data += lines[i] + "\n";
        sent += range.size();
        ++attempts;
        return db.connection().copy_in("COPY t FROM STDIN", data);
      });
    INFO((out ? "" : what_of(out.error())));
    REQUIRE(out);
    REQUIRE(db.connection().run("COMMIT")->tag() == "COMMIT");
    return std::move(*out);
  }

  std::string stored() {
    return db.ask("SELECT string_agg(a::text, ' ' ORDER BY ctid) FROM t");
  }

  std::string dsn;
  postgres_client db;
  size_t sent = 0;
  size_t attempts = 0;
};

std::vector<std::string> hundred(const std::vector<size_t>& bad) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < 100; ++i)
    lines.push_back(std::count(bad.begin(), bad.end(), i) ? "x"
                                                          : std::to_string(i));
  return lines;
}

std::vector<size_t> rows_in(const sieved_rows& out) {
  std::vector<size_t> rows;
  for (const auto& one : out.refused)
    rows.push_back(one.row);
  return rows;
}

} // namespace

TEST_CASE("good rows are stored in one attempt", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  sieving sieve{*server, "CREATE TABLE t (a int)"};
  auto out = sieve.run(hundred({}));
  CHECK(out.stored == 100);
  CHECK(out.refused.empty());
  CHECK(sieve.attempts == 1);
}

TEST_CASE("a bad row of a hundred costs at most two more pages",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  for (size_t bad : {0, 1, 50, 98, 99}) {
    sieving sieve{*server, "CREATE TABLE t (a int)"};
    auto out = sieve.run(hundred({bad}));
    CAPTURE(bad);
    CHECK(out.stored == 99);
    CHECK(rows_in(out) == std::vector<size_t>{bad});
    CHECK(out.refused.at(0).sqlstate == "22P02");
    CHECK(sieve.sent <= 300);
    CHECK(sieve.attempts <= 6);
  }
}

TEST_CASE("a bad row is found without the error's context",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  for (size_t bad : {0, 1, 50, 98, 99}) {
    // The check of a foreign key names no line.
    sieving sieve{*server,
                  "CREATE TABLE known (a int PRIMARY KEY);"
                  "INSERT INTO known SELECT * FROM generate_series(0, 99);"
                  "DELETE FROM known WHERE a = "
                    + std::to_string(bad)
                    + ";"
                      "CREATE TABLE t (a int REFERENCES known"
                      " DEFERRABLE INITIALLY DEFERRED)"};
    auto out = sieve.run(hundred({}));
    CAPTURE(bad);
    CHECK(rows_in(out) == std::vector<size_t>{bad});
    CHECK(out.refused.at(0).sqlstate == "23503");
    CHECK(sieve.sent <= 310);
  }
}

TEST_CASE("each of several bad rows is refused by itself",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  sieving sieve{*server, "CREATE TABLE t (a int UNIQUE)"};
  auto lines = hundred({0, 1, 2, 40, 41, 60, 99});
  lines[50] = "49"; // the second one of a key
  auto out = sieve.run(lines);
  CHECK(rows_in(out) == std::vector<size_t>{0, 1, 2, 40, 41, 50, 60, 99});
  CHECK(out.refused.at(5).sqlstate == "23505");
  CHECK(out.stored == 92);
  CHECK(sieve.db.ask("SELECT count(*) FROM t") == "92");
}

TEST_CASE("a page of bad rows costs little more per row than one",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  sieving sieve{*server, "CREATE TABLE t (a int)"};
  std::vector<std::string> lines(1'000, "x");
  auto out = sieve.run(lines);
  CHECK(out.refused.size() == 1'000);
  CHECK(out.stored == 0);
  CHECK(sieve.sent < 6'000);
}

TEST_CASE("a context that names the wrong row blames nobody",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  // A row that is too large is noticed when several are stored at once, and
  // the error then names the last one that was read.
  std::string wide = "CREATE TABLE t (a int";
  std::string big = "7", small = "1";
  for (int i = 0; i < 500; ++i) {
    wide += ", c" + std::to_string(i) + " text";
    big += "\t12345678901234567890";
    small += "\tx";
  }
  sieving sieve{*server, wide + ")"};
  std::vector<std::string> lines(60, small);
  lines[5] = big;
  auto out = sieve.run(lines);
  CHECK(rows_in(out) == std::vector<size_t>{5});
  CHECK(out.refused.at(0).sqlstate == "54000");
  CHECK(out.stored == 59);
  CHECK(sieve.sent <= 4 * lines.size());
}

TEST_CASE("rows keep their order", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  sieving sieve{*server, "CREATE TABLE t (a int)"};
  auto out = sieve.run({"1", "2", "x", "3", "x", "4", "5"});
  CHECK(sieve.stored() == "1 2 3 4 5");
  CHECK(rows_in(out) == std::vector<size_t>{2, 4});
}

TEST_CASE("every class of errors that a row can cause costs the row",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  struct cause {
    const char* sqlstate;
    const char* ddl;
    std::string bad;
  };
  auto deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::vector<cause> causes{
    {"22P02", "CREATE TABLE t (a int)", "x"},
    {"22003", "CREATE TABLE t (a numeric)", "1e200000"},
    {"22001", "CREATE TABLE t (a varchar(3))", "abcd"},
    {"22021", "CREATE TABLE t (a text)", "\xFF"},
    {"22008", "CREATE TABLE t (a timestamptz)", "2020-02-30T00:00:00Z"},
    {"22P05", "CREATE TABLE t (a jsonb)", "\"\\\\u0000\""},
    {"54001", "CREATE TABLE t (a json)", deep},
    {"23502", "CREATE TABLE t (a text NOT NULL)", "\\N"},
    {"23514", "CREATE TABLE t (a text CHECK (a <> 'x'))", "x"},
    {"23505",
     "CREATE TABLE t (a text UNIQUE DEFERRABLE INITIALLY DEFERRED);"
     "INSERT INTO t VALUES ('x')",
     "x"},
    {"P0001",
     "CREATE TABLE t (a text);"
     "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
     " IF NEW.a = 'x' THEN RAISE 'no'; END IF; RETURN NEW; END $$;"
     "CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
     "x"},
  };
  for (const auto& one : causes) {
    CAPTURE(one.sqlstate);
    sieving sieve{*server, one.ddl};
    auto good = std::string{one.ddl}.find("timestamptz") != std::string::npos
                  ? "2020-01-01T00:00:00Z"
                  : "1";
    auto other = std::string{one.ddl}.find("timestamptz") != std::string::npos
                   ? "2020-01-02T00:00:00Z"
                   : "2";
    auto out = sieve.run({good, one.bad, other});
    CHECK(out.stored == 2);
    REQUIRE(out.refused.size() == 1);
    CHECK(out.refused.at(0).row == 1);
    CHECK(out.refused.at(0).sqlstate == one.sqlstate);
  }
}

TEST_CASE("an error that no row causes ends the page", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_client db{server->new_database()};
  db.script("BEGIN");
  auto out = sieve_rows(db.connection(), 3, "t", [&](const row_range&) {
    return db.connection().copy_in("COPY t FROM STDIN", "1\n");
  });
  REQUIRE_FALSE(out);
  CHECK(code_of(out.error()) == ec::refused);
  CHECK(what_of(out.error()).find("42P01") != std::string::npos);
}

TEST_CASE("only COPY's own phrase names a row", "[sinks][postgres]") {
  CHECK(row_in_context("COPY t, line 1", "t") == 0U);
  CHECK(row_in_context("COPY t, line 12: \"x\"", "t") == 11U);
  CHECK(row_in_context("COPY t, line 2, column a: \"x\"", "t") == 1U);
  CHECK(row_in_context("JSON data, line 1: {\nCOPY t, line 3, column a: \"{\n"
                       "b\"",
                       "t")
        == 2U);
  CHECK(row_in_context("COPY a\"b, line 4", "a\"b") == 3U);
  for (const auto* other :
       {"", "COPY t2, line 1", "COPY t, line ", "COPY t, line 0",
        "in COPY t, line 1", "COPY t, line 99999999999999999999999"}) {
    CAPTURE(other);
    CHECK(row_in_context(other, "t") == std::nullopt);
  }
}
