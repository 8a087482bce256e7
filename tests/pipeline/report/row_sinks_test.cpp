#include "pipeline/report/row_sinks.hpp"
#include "tests/pipeline/job_files.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

row_sink sink_of(std::string name) {
  row_sink sink{std::move(name), {}};
  sink.done.counts.rows = 1'234;
  sink.done.dead_letters = 3;
  sink.done.columns = {"url", "price", "a\x1b"};
  sink.done.counts.columns = {{}, {12, 3, 0}, {0, 0, 1}};
  return sink;
}

std::string json_of(const std::vector<row_sink>& sinks) {
  rapidjson::StringBuffer text;
  json_writer out{text};
  out.StartObject();
  put_row_sinks(out, sinks);
  out.EndObject();
  return {text.GetString(), text.GetSize()};
}

} // namespace

TEST_CASE(
  "the account has a part for each sink of rows, with what columns lack") {
  CHECK(row_sinks_text({}).empty());
  CHECK(row_sinks_text({sink_of("rows"), {"new\n", {}}})
        == "Rows of sink 'rows'\n"
           "  rows                 1,234  written\n"
           "  dead letters             3  of its own, put aside\n"
           "  price                   15  12 captures without a value, 3 "
           "captures with another type\n"
           "  a\\x1b                    1  1 text with characters that are not "
           "valid\n"
           "Rows of sink 'new\\x0a'\n"
           "  rows                     0  written\n");
}

TEST_CASE("a report for programs has the counts of every column") {
  CHECK(json_of({}) == R"({"row_sinks":[]})");
  CHECK(json_of({sink_of("rows")})
        == R"({"row_sinks":[{"sink":"rows","rows":1234,"dead_lettered":3,)"
           R"("columns":[{"column":"url","missing":0,"mismatched":0,)"
           R"("replaced":0},{"column":"price","missing":12,"mismatched":3,)"
           R"("replaced":0},{"column":"a\\x1b","missing":0,"mismatched":0,)"
           R"("replaced":1}]}]})");
}

TEST_CASE("rows are counted only for a sink as the ledger has it") {
  test::job_files files;
  const std::string begin = "{type: sqlite, name: a, path: ";
  const std::string columns = "columns: [{name: x, from: /x}]}";
  auto sinks_of = [&](const std::string& sink) {
    auto now = files.config(sink);
    return test::must(row_sinks_of(*test::must(open_ledger(now.ledger)), now))
      .size();
  };
  files.begin(files.config(begin + "a.db, " + columns), 0);
  CHECK(sinks_of(begin + "a.db, " + columns) == 1);
  CHECK(sinks_of(begin + "b.db, " + columns) == 1);
  CHECK(sinks_of(begin + "a.db, columns: [{name: y, from: /x}]}") == 0);
  CHECK(sinks_of(begin + "a.db}") == 0);
  CHECK(sinks_of("{type: file, name: a, path: a.jsonl}") == 0);
  files.move_to("elsewhere");
  CHECK(sinks_of(begin + "a.db, " + columns) == 1);
}

TEST_CASE("a sink that wrote lines has no rows under its name") {
  test::job_files files;
  files.begin(files.config("{type: file, name: a, path: a.jsonl}"), 2);
  auto now = files.config("{type: sqlite, name: a, path: a.db}");
  auto sinks =
    test::must(row_sinks_of(*test::must(open_ledger(now.ledger)), now));
  CHECK(sinks.empty());
}
