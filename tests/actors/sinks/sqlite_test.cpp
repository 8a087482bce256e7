// What the sink `sqlite` stores, and what it does with rows and tables that do
// not fit.

#include "actors/sinks/registry.hpp"
#include "tests/actors/sinks/contract_fixture.hpp"
#include "tests/actors/sinks/sqlite_fixture.hpp"

#include <algorithm>

using namespace sluice;
using test::column_of;
using test::page_of;
using test::promise;
using test::sqlite_fixture;
using test::strings;

namespace {

class contract final : public test::contract_fixture {
public:
  explicit contract(std::string form) : form_(std::move(form)) {}
  test::given_values section() override {
    return {{"path", (files_.folder / "out.db").string()},
            {"capture.type", form_}};
  }
  promise promised() const override { return promise::exactly_once; }
  std::string lines() override {
    std::string all;
    for (const auto& capture :
         files_.query("SELECT capture FROM captures ORDER BY rowid")) {
      append_capture(all, capture);
      all += '\n';
    }
    return all;
  }

private:
  std::string form_;
  sqlite_fixture files_;
};

test::contract_entry sqlite_entry(const std::string& form) {
  return {"sqlite", form, [form] { return std::make_unique<contract>(form); }};
}

const test::contract_entry sqlite_entries[] = {sqlite_entry("text"),
                                               sqlite_entry("blob")};

/// What is stored of `json` in a column of this type, as type and text.
std::string stored(column_type type, const std::string& json,
                   std::optional<time_unit> unit = std::nullopt) {
  sqlite_fixture files;
  files.options.columns = {column_of("v", "/v", type)};
  files.options.columns[0].unit = unit;
  auto sink = files.begun();
  files.must(sink->write(page_of(1, {R"({"v":)" + json + "}"})));
  files.commit(*sink);
  files.must(sink->close());
  return files
    .query("SELECT typeof(v) || ' ' || CAST(coalesce(v, '') AS TEXT) FROM "
           "captures")
    .at(0);
}

} // namespace

TEST_CASE("numbers keep their own digits in a database", "[sinks][sqlite]") {
  using enum column_type;
  struct row {
    column_type type;
    std::string json;
    std::string expected;
  };
  const std::vector<row> rows{
    {number, "12.340", "text 12.340"},
    {number, "12", "integer 12"},
    {number, "-0", "text -0"},
    {number, "1e400", "text 1e400"},
    {number, "1180591620717411303424", "text 1180591620717411303424"}, // 2^70
    {integer, "9223372036854775807", "integer 9223372036854775807"},
    {integer, "9223372036854775808", "text 9223372036854775808"},
    {integer, "-9223372036854775808", "integer -9223372036854775808"},
    {integer, "1.5", "null "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.json);
    CHECK(stored(row.type, row.json) == row.expected);
  }
}

TEST_CASE("values other than numbers are stored as SQLite has them",
          "[sinks][sqlite]") {
  using enum column_type;
  CHECK(stored(boolean, "true") == "integer 1");
  CHECK(stored(boolean, "false") == "integer 0");
  CHECK(stored(boolean, "\"true\"") == "null ");
  CHECK(stored(text, R"("a\u00e9\n'")") == "text a\xC3\xA9\n'");
  CHECK(stored(text, "\"007\"") == "text 007");
  CHECK(stored(text, "\"\"") == "text ");
  CHECK(stored(text, R"("\ud800!")") == "text \xEF\xBF\xBD!");
  CHECK(stored(json, R"({"a": [1.50]})") == R"(text {"a": [1.50]})");
  CHECK(stored(json, "\"\xFF\"") == "blob \"\xFF\"");
  CHECK(stored(time, "1", time_unit::seconds) == "text 1970-01-01T00:00:01Z");
  CHECK(stored(text, "null") == "null ");
}

TEST_CASE_METHOD(sqlite_fixture, "a database has the capture's bytes",
                 "[sinks][sqlite]") {
  const strings captures{R"({"a" : 12.340, "b":"\u0000'"})", "{\n \"a\":1\r\n}",
                         "\"\xFF\xFE\"", "\"\xC3\xA9\""};
  SECTION("as text, and what is no valid text as a blob") {
    auto sink = begun();
    must(sink->write(page_of(1, captures)));
    commit(*sink);
    CHECK(query("SELECT typeof(capture) FROM captures ORDER BY rowid")
          == strings{"text", "text", "blob", "text"});
  }
  SECTION("as a blob") {
    options.capture_as = sqlite_options::capture_form::blob;
    auto sink = begun();
    must(sink->write(page_of(1, captures)));
    commit(*sink);
    CHECK(query("SELECT DISTINCT typeof(capture) FROM captures")
          == strings{"blob"});
  }
  CHECK(query("SELECT capture FROM captures ORDER BY rowid") == captures);
  CHECK(query("SELECT DISTINCT sluice_job || ' ' || sluice_delivery FROM "
              "captures")
        == strings{"job-1 1"});
}

TEST_CASE_METHOD(sqlite_fixture,
                 "a row can have what sluice knows of a capture",
                 "[sinks][sqlite]") {
  column_type types[] = {column_type::text,    column_type::text,
                         column_type::integer, column_type::integer,
                         column_type::time,    column_type::text};
  for (size_t i = 0; i < std::size(types); ++i)
    options.columns.push_back({.name = "c" + std::to_string(i),
                               .own = static_cast<own_value>(i),
                               .type = types[i]});
  auto sink = begun();
  must(sink->write(page_of(7, {"1"})));
  commit(*sink);
  CHECK(
    query("SELECT c0 || ' ' || c1 || ' ' || c2 || ' ' || c3 || ' ' || c4 || "
          "' ' || c5 FROM captures")
    == strings{"run_1 rbt_1 1 7 2025-11-30T06:01:07.005Z job-1"});
}

TEST_CASE_METHOD(sqlite_fixture, "names reach SQL only in quotes",
                 "[sinks][sqlite]") {
  options.table = R"(a"b); DROP TABLE sluice_sink; --)";
  options.capture = R"(select "x")";
  options.columns = {column_of("from; --", "/v"), column_of("'", "/w")};
  auto sink = begun();
  must(sink->write(page_of(1, {R"({"v":"1","w":"2"})"})));
  commit(*sink);
  must(sink->close());
  auto again = continued();
  must(again->write(page_of(2, {R"({"v":"3","w":"4"})"})));
  commit(*again);
  CHECK(query(R"(SELECT "from; --" || "'" FROM "a""b); DROP TABLE )"
              R"(sluice_sink; --" ORDER BY rowid)")
        == strings{"12", "34"});
  CHECK(query("SELECT rows FROM sluice_sink") == strings{"2"});
}

TEST_CASE_METHOD(sqlite_fixture,
                 "a row that the database refuses costs only itself",
                 "[sinks][sqlite]") {
  script("CREATE TABLE captures (url TEXT UNIQUE, capture TEXT, sluice_job "
         "TEXT, sluice_delivery INTEGER);"
         "CREATE TABLE seen (url TEXT);"
         "CREATE TRIGGER t AFTER INSERT ON captures BEGIN"
         " INSERT INTO seen VALUES (new.url);"
         " SELECT RAISE(FAIL, 'no ''bad'' url') WHERE new.url = 'bad';"
         " SELECT json(new.url) WHERE new.url = 'worse'; END");
  options.columns = {column_of("url", "/url")};
  const strings captures{R"({"url":"a"})",     R"({"url":"bad"})",
                         R"({"url":"b"})",     R"({"url":"a"})",
                         R"({"url":"worse"})", R"({"url":"c"})"};
  SECTION("which becomes a dead letter") {
    options.dead_letter = folder / "dead.jsonl";
    auto sink = begun();
    must(sink->write(page_of(1, captures)));
    commit(*sink);
    CHECK(query("SELECT url FROM captures") == strings{"a", "b", "c"});
    CHECK(query("SELECT url FROM seen") == strings{"a", "b", "c"});
    CHECK(sink->dead_letters() == 3);
    CHECK(
      test::content_of(*options.dead_letter)
      == R"({"capture":{"url":"bad"},"code":"refused","message":"no 'bad' url",)"
         R"("sink":"rows"})"
         "\n"
         R"({"capture":{"url":"a"},"code":"refused","message":"UNIQUE )"
         R"(constraint failed: captures.url","sink":"rows"})"
         "\n"
         R"({"capture":{"url":"worse"},"code":"refused","message":"malformed )"
         R"(JSON","sink":"rows"})"
         "\n");
    CHECK(committed.find("dead_letters=3 delivery=1") != committed.npos);
    CHECK(query("SELECT rows FROM sluice_sink") == strings{"3"});
  }
  SECTION("or without a file for it stops the job, which has lost nothing") {
    auto sink = begun();
    auto err = sink->write(page_of(1, captures));
    CHECK(code_of(err) == ec::refused);
    CHECK_THAT(what_of(err), Catch::Contains("no 'bad' url"));
    CHECK_THAT(what_of(err), Catch::Contains("'dead_letter'"));
    must(sink->close());
    CHECK(query("SELECT count(*) FROM captures") == strings{"0"});
    options.dead_letter = folder / "dead.jsonl";
    auto again = continued();
    must(again->write(page_of(1, captures)));
    commit(*again);
    CHECK(query("SELECT url FROM captures") == strings{"a", "b", "c"});
  }
}

TEST_CASE_METHOD(sqlite_fixture,
                 "a table that disappears is no reason to refuse every row",
                 "[sinks][sqlite]") {
  options.dead_letter = folder / "dead.jsonl";
  auto sink = begun();
  script("DROP TABLE captures");
  auto err = sink->write(page_of(1, {"1"}));
  CHECK(code_of(err) == ec::refused);
  CHECK_THAT(what_of(err), Catch::Contains("no such table"));
  CHECK(sink->dead_letters() == 0);
}

TEST_CASE_METHOD(sqlite_fixture,
                 "a trigger that undoes everything stops the job",
                 "[sinks][sqlite]") {
  options.dead_letter = folder / "dead.jsonl";
  auto sink = begun();
  script(
    "CREATE TRIGGER t AFTER INSERT ON captures WHEN new.capture = '2' BEGIN"
    " SELECT RAISE(ROLLBACK, 'all of it'); END");
  must(sink->write(page_of(1, {"1"})));
  auto err = sink->write(page_of(2, {"2"}));
  CHECK(err);
  CHECK(code_of(err) != ec::unavailable);
  CHECK_THAT(what_of(err), Catch::Contains("all of it"));
  CHECK(code_of(sink->checkpoint().error()) == ec::disk);
  must(sink->close());
  CHECK(query("SELECT count(*) FROM captures") == strings{"0"});
  script("DROP TRIGGER t");
  auto again = continued();
  must(again->write(page_of(1, {"1"})));
  must(again->write(page_of(2, {"2"})));
  commit(*again);
  CHECK(query("SELECT capture FROM captures") == strings{"1", "2"});
}

TEST_CASE_METHOD(sqlite_fixture,
                 "the rules of columns decide what becomes of a capture",
                 "[sinks][sqlite]") {
  options.columns = {column_of("a", "/a"),
                     column_of("b", "/b", column_type::number),
                     column_of("c", "/c")};
  options.columns[1].on_mismatch = gap_rule::dead_letter;
  options.columns[2].on_missing = gap_rule::stop;
  options.dead_letter = folder / "dead.jsonl";
  auto sink = begun();
  must(sink->write(
    page_of(1, {R"({"a":"\udc00","b":1,"c":""})", R"({"b":true,"c":"c"})",
                R"({"a":null,"c":"c"})"})));
  commit(*sink);
  CHECK(query("SELECT count(*) FROM captures") == strings{"2"});
  CHECK(
    test::content_of(*options.dead_letter)
    == R"({"capture":{"b":true,"c":"c"},"code":"mismatched","column":"b",)"
       R"("message":"the column 'b' has a value of another type than number)"
       R"(","sink":"rows"})"
       "\n");
  CHECK_THAT(committed, Catch::Contains(" mismatched.1=1 missing.0=2 "
                                        "missing.1=1 replaced.0=1 rows=2 "));
  must(sink->close());
  auto again = continued();
  must(again->write(page_of(2, {R"({"a":1,"c":"c"})"})));
  commit(*again);
  CHECK_THAT(committed, Catch::Contains(" mismatched.1=1 missing.0=2 "
                                        "missing.1=2 replaced.0=1 rows=3 "));
  auto err = again->write(page_of(3, {R"({"a":1})"}));
  CHECK(code_of(err) == ec::refused);
  CHECK_THAT(what_of(err), Catch::Contains("the column 'c' has no value"));
}

TEST_CASE_METHOD(sqlite_fixture,
                 "a table that is there is checked, not altered",
                 "[sinks][sqlite]") {
  options.columns = {column_of("url", "/url"),
                     column_of("price", "/price", column_type::number)};
  struct row {
    const char* table;
    const char* complaint;
  };
  const std::vector<row> rows{
    {"CREATE TABLE captures (URL TEXT, capture, sluice_job, sluice_delivery)",
     R"(`ALTER TABLE "captures" ADD COLUMN "price";`)"},
    {"CREATE TABLE captures (capture TEXT, price, sluice_job TEXT)",
     R"(ADD COLUMN "url" TEXT; ALTER TABLE "captures" ADD COLUMN )"
     R"("sluice_delivery" INTEGER;`)"},
    {"CREATE TABLE captures (url INTEGER, price, capture, sluice_job, "
     "sluice_delivery)",
     "'url' of type INTEGER"},
    {"CREATE TABLE captures (url, price, capture, sluice_job, "
     "sluice_delivery TEXT)",
     "'sluice_delivery' of type TEXT, which changes integers"},
    {"CREATE TABLE captures (url, price, capture, sluice_job, "
     "sluice_delivery VARCHAR(20))",
     "'sluice_delivery' of type VARCHAR(20), which changes integers"},
    {"CREATE TABLE captures (url, price, capture, sluice_job, "
     "sluice_delivery DOUBLE)",
     "'sluice_delivery' of type DOUBLE, which changes integers"},
    {"CREATE TABLE captures (url, price AS (1), capture, sluice_job, "
     "sluice_delivery)",
     "computes its column 'price'"},
    {"CREATE TABLE captures (url, price, capture, sluice_job, "
     "sluice_delivery, shop TEXT NOT NULL)",
     "'shop'"},
    {"CREATE VIEW captures AS SELECT 1 url, 2 price", "is a view"},
  };
  for (const auto& row : rows) {
    sqlite_fixture files;
    files.options.columns = options.columns;
    files.script(row.table);
    auto before = test::content_of(files.options.path);
    auto err = files.made()->open(std::nullopt);
    CAPTURE(row.table, what_of(err));
    CHECK(code_of(err) == ec::usage);
    CHECK_THAT(what_of(err), Catch::Contains(row.complaint));
    CHECK(test::content_of(files.options.path) == before);
  }
}

TEST_CASE("the number of a delivery fits every type that keeps integers",
          "[sinks][sqlite]") {
  for (auto* type :
       {"", "BLOB", "INTEGER", "BIGINT", "NUMERIC", "DECIMAL(9)"}) {
    CAPTURE(type);
    sqlite_fixture files;
    files.script(("CREATE TABLE captures (capture, sluice_job, "
                  "sluice_delivery "
                  + std::string{type} + ")")
                   .c_str());
    auto sink = files.begun();
    files.must(sink->write(page_of(9, {"9"})));
    files.commit(*sink);
    files.must(sink->write(page_of(10, {"10"})));
    CHECK(sink->checkpoint()); // the ledger does not learn of this one
    files.must(sink->close());
    files.must(files.continued()->close());
    CHECK(files.query("SELECT typeof(sluice_delivery) || capture FROM captures")
          == strings{"integer9"});
  }
}

TEST_CASE_METHOD(sqlite_fixture, "a table may have more than the sink writes",
                 "[sinks][sqlite]") {
  script(
    "CREATE TABLE captures (id INTEGER PRIMARY KEY, Price REAL, at TEXT NOT "
    "NULL DEFAULT 'now', capture, sluice_job, sluice_delivery);"
    "CREATE TABLE sluice_sink (job TEXT, sink TEXT, delivery INTEGER, rows "
    "INTEGER)");
  options.columns = {column_of("price", "/p", column_type::number)};
  options.create = false;
  auto sink = begun();
  must(sink->write(page_of(1, {R"({"p":12.340})"})));
  commit(*sink);
  CHECK(query("SELECT id || ' ' || price || ' ' || at FROM captures")
        == strings{"1 12.34 now"});
}

TEST_CASE_METHOD(sqlite_fixture, "what must not be created is shown as SQL",
                 "[sinks][sqlite]") {
  options.create = false;
  options.columns = {column_of("price", "/p", column_type::number)};
  std::string expected = "does not exist. Set 'create: true'";
  auto exists = true;
  SECTION("without the file") {
    exists = false;
  }
  SECTION("without both tables") {
    script("CREATE TABLE mine (a)");
    expected = "lacks the table 'captures'";
  }
  SECTION("without the table of positions") {
    script("CREATE TABLE captures (price, capture, sluice_job, "
           "sluice_delivery)");
    expected = "lacks the table 'sluice_sink'";
  }
  auto before = exists ? query("SELECT sql FROM sqlite_schema") : strings{};
  auto err = made()->open(std::nullopt);
  CHECK(code_of(err) == ec::usage);
  CHECK_THAT(what_of(err), Catch::Contains(expected));
  CHECK_THAT(what_of(err),
             Catch::Contains(R"(CREATE TABLE "captures" ("price", "capture" )"
                             R"(TEXT, "sluice_job" TEXT, "sluice_delivery" )"
                             R"(INTEGER); CREATE INDEX)"));
  CHECK_THAT(what_of(err), Catch::Contains("EXISTS sluice_sink (job TEXT"));
  REQUIRE(std::filesystem::exists(options.path) == exists);
  if (exists)
    CHECK(query("SELECT sql FROM sqlite_schema") == before);
}

TEST_CASE_METHOD(sqlite_fixture, "an index gets a name that is free",
                 "[sinks][sqlite]") {
  script("CREATE TABLE mine (a); CREATE INDEX Captures_sluice_delivery ON "
         "mine (a); CREATE TABLE captures_sluice_delivery_2 (a)");
  auto sink = begun();
  CHECK(query("SELECT name FROM sqlite_schema WHERE type = 'index' AND "
              "tbl_name = 'captures'")
        == strings{"captures_sluice_delivery_3"});
}

TEST_CASE_METHOD(sqlite_fixture,
                 "only a row that is stored counts as one with a replaced text",
                 "[sinks][sqlite]") {
  script("CREATE TABLE captures (v TEXT UNIQUE, capture, sluice_job, "
         "sluice_delivery)");
  options.columns = {column_of("v", "/v")};
  options.dead_letter = folder / "dead.jsonl";
  auto sink = begun();
  const std::string capture = R"({"v":"\ud800"})";
  must(sink->write(page_of(1, {capture, capture})));
  commit(*sink);
  CHECK(sink->dead_letters() == 1);
  CHECK_THAT(committed, Catch::Contains(" replaced.0=1 rows=1 "));
}

TEST_CASE_METHOD(sqlite_fixture, "the rows of a delivery are found by an index",
                 "[sinks][sqlite]") {
  auto sink = begun();
  auto db = other_program();
  auto plan = db->use("EXPLAIN QUERY PLAN DELETE FROM captures WHERE "
                      "sluice_job = 'j' AND sluice_delivery > 1");
  REQUIRE(plan.next());
  CHECK_THAT(plan.text(3), Catch::Contains("SEARCH captures USING"));
}

TEST_CASE_METHOD(sqlite_fixture,
                 "names that SQLite cannot tell apart are refused",
                 "[sinks][sqlite]") {
  auto complaint = [&] {
    return what_of(check_sqlite_options(context, options));
  };
  CHECK(complaint().empty());
  options.columns = {column_of("A", "/a"), column_of("a", "/b")};
  CHECK_THAT(complaint(), Catch::Contains("two columns are named 'a'"));
  options.columns = {column_of("Sluice_Job", "/a")};
  CHECK_THAT(complaint(), Catch::Contains("two columns are named"));
  options.columns = {column_of("capture", "/a")};
  CHECK_THAT(complaint(), Catch::Contains("two columns are named"));
  options.capture_as = sqlite_options::capture_form::none;
  CHECK(complaint().empty());
  options.columns.clear();
  CHECK_THAT(complaint(), Catch::Contains("would write nothing"));
  options.capture_as = sqlite_options::capture_form::text;
  for (auto* table : {"", "sqlite_x", "Sluice_Sink"}) {
    options.table = table;
    CHECK_THAT(complaint(), Catch::Contains("'table'"));
  }
  options.table = "captures";
  options.columns = {column_of("a", "/a")};
  options.columns[0].on_missing = gap_rule::dead_letter;
  CHECK_THAT(complaint(), Catch::Contains("'dead_letter'"));
}

TEST_CASE_METHOD(sqlite_fixture, "a database must be one that keeps captures",
                 "[sinks][sqlite]") {
  auto refusal = [&] { return made()->open(std::nullopt); };
  SECTION("not a ledger") {
    script("PRAGMA application_id = 1936487779; CREATE TABLE t (a)");
    CHECK(code_of(refusal()) == ec::usage);
    CHECK_THAT(what_of(refusal()), Catch::Contains("is a ledger of sluice"));
  }
  SECTION("not one with another encoding") {
    script("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a)");
    CHECK(code_of(refusal()) == ec::usage);
    CHECK_THAT(what_of(refusal()),
               Catch::Contains("another encoding than UTF-8"));
  }
  SECTION("not another kind of file") {
    test::fill(options.path, std::string(4096, 'x'));
    CHECK(code_of(refusal()) == ec::disk);
    CHECK_THAT(what_of(refusal()), Catch::Contains("not an SQLite database"));
    CHECK(test::content_of(options.path) == std::string(4096, 'x'));
  }
  SECTION("not a folder") {
    std::filesystem::create_directory(options.path);
    CHECK(code_of(refusal()) == ec::usage);
  }
}

TEST_CASE(
  "a rehearsed sqlite sink writes to a separate file that is overwritten "
  "each time",
  "[sinks][sqlite]") {
  sqlite_fixture files;
  auto type = find_sink_type("sqlite");
  REQUIRE(type);
  files.script("CREATE TABLE mine (a)");
  auto section =
    test::section_of(type->spec, {{"path", files.options.path.string()},
                                  {"create", GENERATE(true, false)}});
  for (auto capture : {"1", "2"}) {
    auto sink = type->rehearse(files.context, section);
    files.must(sink->open(std::nullopt));
    files.must(sink->write(page_of(1, {capture})));
    files.commit(*sink);
    files.must(sink->close());
    CHECK(files.query("SELECT capture FROM captures", "out.db.simulated")
          == strings{capture});
  }
  CHECK(files.query("SELECT name FROM sqlite_schema") == strings{"mine"});
}
