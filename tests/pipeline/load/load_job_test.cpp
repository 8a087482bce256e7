// `sluice load` into databases and files, within the test's process.

#include "actors/sinks/registry.hpp"
#include "config/load.hpp"
#include "core/db/sqlite.hpp"
#include "pipeline/load/load_job.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

/// What is written to standard error meanwhile.
class error_text {
public:
  error_text() : before_{std::cerr.rdbuf(text_.rdbuf())} {}
  ~error_text() { std::cerr.rdbuf(before_); }
  error_text(const error_text&) = delete;
  error_text& operator=(const error_text&) = delete;

  [[nodiscard]] std::string get() const { return text_.str(); }

private:
  std::ostringstream text_;
  std::streambuf* before_;
};

struct job_load_fixture {
  temp_folder folder;
  std::string said; ///< by the last load

  job_load_fixture() {
    fill(folder / "in.jsonl", R"({"_id":"a","n":1})"
                              "\n"
                              R"({"_id":"b"})"
                              "\n"
                              R"({"_id":"c","n":"no number"})"
                              "\n");
  }

  /// The exit code of a load of in.jsonl into the only sink.
  int load(const std::string& sink) {
    auto file = folder / "load.yaml";
    fill(file, "input: {urls: urls.txt}\nruns: {robot: r}\nsinks:\n  - " + sink
                 + "\n");
    auto config =
      config::load(file, {}, sink_specs(), config::key_rule::optional);
    for (auto& finding : config.findings)
      UNSCOPED_INFO(finding.text());
    REQUIRE(config.value);
    error_text text;
    auto code = run_load(*config.value, {.sink = "rows",
                                         .files = {folder / "in.jsonl"},
                                         .goes_on = [] { return true; }});
    said = text.get();
    return code;
  }

  /// The exit code for a database with these columns.
  int load_rows(const std::string& columns, const std::string& more = {}) {
    return load("{type: sqlite, name: rows, path: rows.db, columns: [" + columns
                + "]" + more + "}");
  }

  /// The first value that a query answers; "null" for null.
  [[nodiscard]] std::string value(const std::string& query) const {
    auto db = sqlite::database::open(folder / "rows.db");
    REQUIRE(db);
    auto row = (*db)->use("SELECT ifnull((" + query + "), 'null')");
    REQUIRE(row.next());
    return row.text(0);
  }
};

constexpr auto strict_number =
  "{name: n, from: /n, type: integer, on_missing: dead_letter, on_mismatch: "
  "dead_letter}";

} // namespace

TEST_CASE_METHOD(job_load_fixture,
                 "a load whose dead letters go elsewhere is refused, and the "
                 "other file stays as it is") {
  fill(folder / "other.jsonl", "\"of another program\"\n");
  CHECK(load_rows(strict_number, ", dead_letter: letters.jsonl") == 3);
  auto letters = content_of(folder / "letters.jsonl");
  CHECK(load_rows(strict_number, ", dead_letter: other.jsonl") == 1);
  CHECK_THAT(said, Catch::Contains("sinks.rows.dead_letter was '")
                     && Catch::Contains("letters.jsonl' and is now '")
                     && Catch::Contains("Change them back"));
  CHECK(content_of(folder / "other.jsonl") == "\"of another program\"\n");
  CHECK(load_rows(strict_number, ", dead_letter: letters.jsonl") == 3);
  CHECK(content_of(folder / "letters.jsonl") == letters);
}

TEST_CASE_METHOD(job_load_fixture,
                 "a load that a capture has stopped goes on with a new dead "
                 "letter file, and then keeps to it") {
  auto stops = "{name: n, from: /n, type: integer, on_mismatch: stop}";
  CHECK(load_rows(stops) == 5);
  CHECK(load_rows("{name: n, from: /n, type: integer, on_mismatch: "
                  "dead_letter}",
                  ", dead_letter: letters.jsonl")
        == 3);
  CHECK(value("SELECT count(*) FROM captures") == "2");
  CHECK(load_rows(stops, ", dead_letter: other.jsonl") == 1);
  CHECK_FALSE(std::filesystem::exists(folder / "other.jsonl"));
}

TEST_CASE_METHOD(job_load_fixture,
                 "rows of a load have the time of their delivery, and null for "
                 "what tells about a run") {
  CHECK(load_rows("{name: id, from: /_id}, {name: run, from: ~run}, {name: "
                  "robot, from: ~robot}, {name: batch, from: ~batch}, {name: "
                  "at, from: ~delivered_at}, {name: place, from: ~delivery}")
        == 0);
  CHECK(value("SELECT group_concat(id, '') FROM captures") == "abc");
  for (auto* column : {"run", "robot", "batch"}) {
    INFO(column);
    CHECK(value("SELECT count(*) FROM captures WHERE " + std::string{column}
                + " IS NULL")
          == "3");
  }
  CHECK(value("SELECT min(at) > '2020' FROM captures") == "1");
  CHECK(value("SELECT min(at) <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM "
              "captures")
        == "1");
  CHECK(value("SELECT min(place) || max(place) FROM captures") == "11");
}

TEST_CASE_METHOD(job_load_fixture,
                 "a column that tells about a run and must not be null is "
                 "refused before a load") {
  for (std::string from : {"~run", "~robot", "~batch"})
    for (std::string rule : {"stop", "dead_letter"}) {
      CHECK(load_rows("{name: c, from: " + from + ", on_missing: " + rule + "}",
                      ", dead_letter: letters.jsonl")
            == 1);
      CHECK_THAT(
        said, Catch::Contains("the column 'c' of sink 'rows' is from " + from)
                && Catch::Contains("'on_missing' is " + rule));
    }
  CHECK_FALSE(std::filesystem::exists(folder / "rows.db"));
  CHECK_FALSE(std::filesystem::exists(folder / "load.sluice.load-rows"));
}

TEST_CASE_METHOD(job_load_fixture,
                 "a capture that stops a load is found by its file and lines") {
  CHECK(load_rows("{name: n, from: /n, type: integer, on_mismatch: stop}")
        == 5);
  CHECK_THAT(said,
             Catch::Contains((folder / "in.jsonl").string() + ":1-3: ")
               && Catch::Contains("has a value of another type than integer in "
                                  "a capture, and its 'on_mismatch' is stop"));
}

TEST_CASE_METHOD(job_load_fixture,
                 "a load ends with its rows and what their columns lack") {
  CHECK(load_rows(strict_number, ", dead_letter: letters.jsonl") == 3);
  CHECK_THAT(said, Catch::Contains("2 captures of them not accepted: in its "
                                   "dead letter file")
                     && Catch::Contains("Rows of sink 'rows'")
                     && Catch::Contains("1 capture without a value, 1 capture "
                                        "with another type"));
}

TEST_CASE_METHOD(job_load_fixture,
                 "a database takes loads beside the job of its config, a dead "
                 "letter file does not") {
  fill(folder / "load.sluice", "a ledger");
  CHECK(load_rows("{name: id, from: /_id}", ", dead_letter: letters.jsonl")
        == 1);
  CHECK_THAT(said, Catch::Contains("the job of this config has begun"));
  CHECK(load_rows("{name: id, from: /_id}") == 0);
  CHECK(value("SELECT count(*) FROM captures") == "3");
}

TEST_CASE_METHOD(job_load_fixture,
                 "a load whose output is lost is not sent to relocate") {
  std::string sink;
  SECTION("a file") {
    sink = "{type: file, name: rows, path: rows.db}";
  }
  SECTION("a database") {
    sink = "{type: sqlite, name: rows, path: rows.db}";
  }
  CHECK(load(sink) == 0);
  std::filesystem::remove(folder / "rows.db");
  std::ofstream{folder / "in.jsonl", std::ios::app} << "4\n";
  CHECK(load(sink) == 5);
  CHECK_THAT(said, Catch::Contains("give the sink another name")
                     && !Catch::Contains("relocate"));
}
