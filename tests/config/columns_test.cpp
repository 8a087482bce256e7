#include "config/columns.hpp"
#include "config/key_list.hpp"
#include "tests/config/config_fixture.hpp"
#include "tests/support/json_schema.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

std::vector<config::sink_spec> table_specs() {
  return {{"table",
           "Writes rows.",
           {{.name = "columns",
             .kind = config::field_kind::columns,
             .help = "What each row has.",
             .required = true}}}};
}

std::string job_of(const std::string& columns) {
  return "api: {key: k}\ninput: {urls: urls.txt}\nruns: {robot: r}\n"
         "sinks:\n  - type: table\n    columns:"
         + columns + "\n";
}

/// Each line is one column.
std::string listed(const std::vector<std::string>& lines) {
  std::string out;
  for (auto& line : lines)
    out += "\n      - " + line;
  return out;
}

struct columns_fixture {
  config::load_result load(const std::string& columns,
                           const std::vector<std::string>& overrides = {}) {
    fill(folder / "job.yaml", job_of(columns));
    return config::load(folder / "job.yaml", overrides, table_specs());
  }

  column_list read(const std::vector<std::string>& lines,
                   const std::vector<std::string>& overrides = {}) {
    auto result = load(listed(lines), overrides);
    for (auto& found : result.findings)
      FAIL(found.text());
    REQUIRE(result.value);
    return result.value->sinks[0].fields.get<column_list>("columns");
  }

  column read_one(const std::string& line) { return read({line}).front(); }

  /// "line:column message" of each finding; the first column is line 7. The
  /// name of the list is left out.
  std::vector<std::string> findings(const std::string& columns) {
    std::vector<std::string> out;
    for (auto& found : load(columns).findings) {
      auto text = found.message;
      for (size_t at; (at = text.find("sinks[0].columns")) != text.npos;)
        text.erase(at, std::string{"sinks[0].columns"}.size());
      out.push_back(std::to_string(found.line) + ":"
                    + std::to_string(found.column) + " " + text);
    }
    return out;
  }

  std::string finding(const std::string& line) {
    auto all = findings(listed({line}));
    REQUIRE(all.size() == 1);
    return all.front();
  }

  temp_folder folder;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(columns_fixture, "columns are read in their order") {
  auto columns = read(
    {"{name: url, from: /url}",
     "{name: price, from: [/data/price, /price], type: number, required: true}",
     "{name: seen, from: /ts, type: time, unit: ms, on_missing: dead_letter,"
     " on_mismatch: stop}",
     "{name: all, from: \"\", type: json}", "{name: run, from: ~run}"});
  CHECK(columns
        == column_list{{.name = "url", .from = {"/url"}},
                       {.name = "price",
                        .from = {"/data/price", "/price"},
                        .type = column_type::number,
                        .on_missing = gap_rule::stop},
                       {.name = "seen",
                        .from = {"/ts"},
                        .type = column_type::time,
                        .unit = time_unit::milliseconds,
                        .on_missing = gap_rule::dead_letter,
                        .on_mismatch = gap_rule::stop},
                       {.name = "all", .from = {""}, .type = column_type::json},
                       {.name = "run", .own = own_value::run}});
}

TEST_CASE_METHOD(columns_fixture, "own values have fixed types") {
  auto type_of = [&](const std::string& word) {
    return read_one("{name: x, from: " + word + "}").type;
  };
  CHECK(type_of("~run") == column_type::text);
  CHECK(type_of("~robot") == column_type::text);
  CHECK(type_of("~job") == column_type::text);
  CHECK(type_of("~batch") == column_type::integer);
  CHECK(type_of("~delivery") == column_type::integer);
  CHECK(type_of("~delivered_at") == column_type::time);
  CHECK(read_one("{name: x, from: [~job]}").own == own_value::job);
  CHECK(finding("{name: x, from: ~run, type: text}")
        == "7:31 [0].type is given for ~run, which is always text: leave it "
           "out");
  CHECK(finding("{name: x, from: ~delivered_at, unit: s}")
        == "7:40 [0].unit is only for a value of the capture with type: time: "
           "leave it out");
  CHECK(finding("{name: x, from: [~run, /a]}")
        == "7:19 [0].from has ~run in a list: write it alone, in a column of "
           "its own");
}

TEST_CASE_METHOD(columns_fixture, "the bare word null is a rule") {
  auto made = read_one("{name: x, from: /x, on_missing: null, on_mismatch: "
                       "null}");
  CHECK(made.on_missing == gap_rule::null);
  CHECK(made.on_mismatch == gap_rule::null);
}

TEST_CASE_METHOD(columns_fixture, "required stands for on_missing stop") {
  CHECK(
    read_one("{name: x, from: /x, required: true, on_missing: stop}").on_missing
    == gap_rule::stop);
  CHECK(read_one("{name: x, from: /x, required: false, on_missing: "
                 "dead_letter}")
          .on_missing
        == gap_rule::dead_letter);
  for (std::string other : {"null", "dead_letter"})
    CHECK(
      finding("{name: x, from: /x, required: true, on_missing: " + other + "}")
      == "7:29 [0].required: true is on_missing: stop, but on_missing is "
           + other + ": leave one of them out");
}

TEST_CASE_METHOD(columns_fixture,
                 "a column needs a name that fits a database") {
  CHECK(finding("{from: /x}") == "7:9 [0].name is missing: write name: price");
  CHECK_THAT(finding("{name: \"\", from: /x}"),
             Catch::StartsWith("7:16 \"\" is not a valid value for [0].name "
                               "(it is empty)"));
  CHECK_THAT(finding("{name: \"a\\x07\", from: /x}"),
             Catch::Contains("control character"));
  CHECK(read_one("{name: " + std::string(63, 'n') + ", from: /x}").name.size()
        == 63);
  CHECK_THAT(finding("{name: " + std::string(64, 'n') + ", from: /x}"),
             Catch::Contains("longer than 63 characters"));
  std::string accented;
  for (int i = 0; i < 32; ++i)
    accented += "é";
  CHECK(finding("{name: " + accented + ", from: /x}")
        == "7:10 [0].name has 64 bytes: write a name of at most 63");
}

TEST_CASE_METHOD(columns_fixture, "two columns need different names") {
  CHECK(findings(listed({"{name: Price, from: /a}", "{name: b, from: /b}",
                         "{name: pRICE, from: /c}"}))
        == texts{"9:10 [2].name is \"pRICE\", which [0] has already, capitals "
                 "aside: write a different name"});
  CHECK(read({"{name: É, from: /a}", "{name: é, from: /b}"}).size() == 2);
}

TEST_CASE_METHOD(columns_fixture,
                 "a source is a JSON Pointer or an own value") {
  CHECK(read_one("{name: x, from: [\"\", /, /a~0b~1c, /0/-]}").from
        == json_pointers{"", "/", "/a~0b~1c", "/0/-"});
  CHECK(finding("{name: x}")
        == "7:9 [0].from is missing: write from: /data/price");
  CHECK_THAT(finding("{name: x, from: data/price}"),
             Catch::StartsWith("7:25 \"data/price\" is not a valid value for "
                               "[0].from (a JSON Pointer is empty or begins "
                               "with /): write JSON Pointers"));
  for (std::string bad : {"/a~2", "/a~", "/~/b"})
    CHECK_THAT(finding("{name: x, from: " + bad + "}"),
               Catch::Contains("~0 stands for ~ and ~1 for /"));
  CHECK_THAT(finding("{name: x, from: ~robto}"),
             Catch::Contains("sluice has no such value; did you mean "
                             "\"~robot\"?"));
  CHECK_THAT(finding("{name: x, from: ~input.sku}"),
             Catch::Contains("sluice has no such value")
               && Catch::Contains("~delivered_at"));
  CHECK_THAT(finding("{name: x, from: {a: b}}"),
             Catch::Contains("a mapping is not a valid value"));
}

TEST_CASE_METHOD(columns_fixture, "a unit is only for times") {
  CHECK(read_one("{name: x, from: /x, type: time, unit: s}").unit
        == time_unit::seconds);
  CHECK_FALSE(read_one("{name: x, from: /x, type: time}").unit);
  for (std::string other : {"", ", type: number"})
    CHECK_THAT(finding("{name: x, from: /x" + other + ", unit: s}"),
               Catch::Contains("[0].unit is only for a value"));
  CHECK_THAT(finding("{name: x, from: /x, type: time, unit: us}"),
             Catch::Contains("write s or ms"));
}

TEST_CASE_METHOD(columns_fixture,
                 "every wrong column is reported in one pass") {
  auto all = findings(listed({"{name: a, from: /a, typ: text}", "text",
                              "{name: A, from: x, type: nubmer}", "[]",
                              "{name: c, from: /c, on_mismatch: ignore}"}));
  REQUIRE(all.size() == 7);
  CHECK_THAT(all[0], Catch::StartsWith("7:29 unknown key [0].typ; did you mean "
                                       "\"type\"?"));
  CHECK(all[1]
        == "8:9 \"text\" is not a valid value for [1]: write a mapping with "
           "name and from");
  CHECK_THAT(all[2], Catch::StartsWith("9:10 [2].name is \"A\""));
  CHECK_THAT(all[3], Catch::StartsWith("9:25 \"x\" is not"));
  CHECK_THAT(all[4], Catch::StartsWith("9:34 \"nubmer\" is not"));
  CHECK_THAT(all[5], Catch::StartsWith("10:9 a list is not"));
  CHECK_THAT(all[6], Catch::StartsWith("11:42 \"ignore\" is not a valid value "
                                       "for [4].on_mismatch: write null, "
                                       "dead_letter or stop"));
}

TEST_CASE_METHOD(columns_fixture, "columns are a list of 1 to 64") {
  CHECK_THAT(findings(" []").front(), Catch::Contains("it is empty"));
  CHECK_THAT(findings(" text").front(),
             Catch::Contains("write a list of mappings, each with name and "
                             "from"));
  CHECK_THAT(findings(" {name: x, from: /x}").front(),
             Catch::Contains("a mapping is not a valid value for"));
  texts lines;
  for (size_t i = 0; i < max_columns; ++i)
    lines.push_back("{name: c" + std::to_string(i) + ", from: /x}");
  CHECK(read(lines).size() == max_columns);
  lines.emplace_back("{name: more, from: /x}");
  CHECK(findings(listed(lines))
        == texts{"7:7  has 65 columns: write at most 64"});
}

TEST_CASE_METHOD(columns_fixture, "a column can be changed with --set") {
  texts lines{"{name: x, from: /x}"};
  CHECK(read(lines, {"sinks[0].columns[0].type=number",
                     "sinks[0].columns[0].from=[/a, /b]",
                     "sinks[0].columns[0].on_missing=null"})
        == column_list{
          {.name = "x", .from = {"/a", "/b"}, .type = column_type::number}});
}

TEST_CASE("the keys of columns are offered for --set") {
  auto keys = config::list_keys(table_specs());
  auto has = [&](std::string_view path) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](auto& key) { return key.path == path; });
  };
  CHECK(has("sinks[0].columns"));
  CHECK(has("sinks[0].columns[0].from"));
  CHECK(has("sinks[0].columns[0].on_mismatch"));
}

TEST_CASE("the reference page has the keys of columns") {
  auto page = config::reference_page(table_specs());
  CHECK_THAT(page, Catch::Contains("**`sinks[].columns`** (required)"));
  CHECK_THAT(page, Catch::Contains("**`sinks[].columns[].name`** (required)"));
  CHECK_THAT(page, Catch::Contains("`sinks[].columns[].unit`"));
}

TEST_CASE_METHOD(columns_fixture, "the schema and check agree on columns") {
  auto specs = table_specs();
  json_schema schema{config::json_schema(specs)};
  auto agree = [&](const std::string& columns, bool is_valid) {
    CAPTURE(columns);
    CHECK(findings(" " + columns).empty() == is_valid);
    auto job =
      R"({"api":{"key":"k"},"input":{"urls":"u"},"runs":{"robot":"r"},)"
      R"("sinks":[{"type":"table","columns":)"
      + columns + "}]}";
    CHECK(schema.objection(job).empty() == is_valid);
  };
  auto column = [](const std::string& rest) {
    return R"([{"name": "x", )" + rest + "}]";
  };
  for (auto from :
       {R"("")", R"("/")", R"("/a~0b~1/é $x")", R"("/$~0$$$")", R"("~run")",
        R"(["~run"])", R"(["/a", ""])", R"("${SLUICE_T_NONE:-/x}")"})
    agree(column(R"("from": )" + std::string{from}), true);
  for (auto from : {R"("a")", R"("~")", R"("/~")", R"("/~2")", R"("~runs")",
                    R"("/a\u0007")", R"("/${")", "5", "null", "{}", R"([[]])"})
    agree(column(R"("from": )" + std::string{from}), false);
  for (auto rest :
       {R"("type": "json")", R"("required": "true")", R"("on_missing": "null")",
        R"("on_missing": null)", R"("type": "time", "unit": "ms")"})
    agree(column(R"("from": "/x", )" + std::string{rest}), true);
  for (auto rest :
       {R"("type": "float")", R"("type": null)", R"("unit": "us")",
        R"("required": "yes")", R"("on_missing": "drop")", R"("more": 1)"})
    agree(column(R"("from": "/x", )" + std::string{rest}), false);
  for (auto columns : {"[]", "[null]", R"(["x"])", R"([{"name": "x"}])",
                       R"([{"from": "/x"}])", "null", "{}"})
    agree(columns, false);
}

TEST_CASE("the canonical text of columns tells them apart") {
  using config::canonical_text;
  CHECK(canonical_text({{.name = "a \"b\\", .from = {"/x", ""}},
                        {.name = "t",
                         .from = {"/t"},
                         .type = column_type::time,
                         .unit = time_unit::seconds},
                        {.name = "r", .own = own_value::run}})
        == "\"a \\\"b\\\\\" \"/x\" \"\" text\n"
           "\"t\" \"/t\" time s\n"
           "\"r\" ~run text\n");
  CHECK(canonical_text({}).empty());
}
