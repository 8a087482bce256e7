#include "core/base/url.hpp"
#include "core/input/csv_reader.hpp"
#include "core/input/jsonl_reader.hpp"
#include "core/input/list_reader.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

struct found_record {
  std::string text;
  uint64_t line;
  std::string defect;

  bool operator==(const found_record&) const = default;
};

std::ostream& operator<<(std::ostream& out, const found_record& r) {
  return out << r.line << ": " << r.text << " [" << r.defect << ']';
}

/// Reads a whole list with the given name and content.
caf::expected<std::vector<found_record>>
read_list(const std::string& name, std::string_view content,
          list_format format = list_format::automatic) {
  list_folder folder;
  patient_monitor monitor;
  input_options options;
  options.format = format;
  auto reader = open_list_reader(folder.write(name, content), options, monitor);
  if (!reader)
    return reader.error();
  std::vector<found_record> out;
  for (list_record record;;) {
    auto more = (*reader)->next(record);
    if (!more)
      return more.error();
    if (!*more)
      return out;
    out.push_back(
      {std::string{record.text}, record.line, std::string{record.defect}});
  }
}

using records = std::vector<found_record>;

records rows(const std::string& name, std::string_view content) {
  auto got = read_list(name, content);
  if (!got)
    FAIL(what_of(got.error()));
  return *got;
}

std::string list_failure(const std::string& name, std::string_view content) {
  auto got = read_list(name, content);
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::input);
  return what_of(got.error());
}

} // namespace

// -- lines --------------------------------------------------------------------

TEST_CASE("lines are URLs without surrounding blanks") {
  CHECK(rows("a.txt", "\xEF\xBB\xBFhttp://a\r\n"
                      "\n"
                      "  \thttp://b \t\r\n"
                      "# a comment\n"
                      "   # another\n"
                      "\r\n"
                      "http://c#not-a-comment\n"
                      "http://d")
        == records{{"http://a", 1, ""},
                   {"http://b", 3, ""},
                   {"http://c#not-a-comment", 7, ""},
                   {"http://d", 8, ""}});
}

TEST_CASE("an empty list has no records") {
  for (auto content : {"", "\n", "  \r\n\n", "\xEF\xBB\xBF", "# only this",
                       "\xEF\xBB\xBF\n#\n"})
    CHECK(rows("a.txt", content).empty());
}

TEST_CASE("a byte order mark is recognised only at the start") {
  CHECK(rows("a.txt", "\xEF").front().text == "\xEF");
  CHECK(rows("a.txt", "a\n\xEF\xBB\xBFz").back().text == "\xEF\xBB\xBFz");
}

TEST_CASE("a list that is not UTF-8 is refused and its encoding is named") {
  using namespace std::string_literals;
  struct row {
    std::string content, encoding;
  };
  for (auto& r : {
         row{"\xFF\xFEh\0t\0"s, "UTF-16"},
         row{"\xFE\xFF\0h\0t"s, "UTF-16"},
         row{"\xFF\xFE"s, "UTF-16"},
         row{"h\0t\0t\0p\0"s, "UTF-16LE"},
         row{"\0h\0t\0t\0p"s, "UTF-16BE"},
         row{"\xFF\xFE\0\0h\0\0\0"s, "UTF-32"},
       })
    for (auto name : {"a.txt", "a.csv", "a.jsonl"}) {
      CAPTURE(r.encoding, name);
      CHECK_THAT(list_failure(name, r.content),
                 Catch::EndsWith(":1: the list is " + r.encoding
                                 + " text; convert it: iconv -f " + r.encoding
                                 + " -t UTF-8 LIST > NEW_LIST"));
    }
}

TEST_CASE("a line that is too long is skipped and the next one is read") {
  for (size_t size : {64'000u, 65'536u, 65'537u, 262'144u, 1'000'000u}) {
    CAPTURE(size);
    std::string line(size, 'x');
    auto got = rows("a.txt", "http://a\n" + line + "\nhttp://b\n");
    REQUIRE(got.size() == 3);
    CHECK(got[1].line == 2);
    CHECK((got[1].defect == "longer than 8 KiB" || url_defect(got[1].text)));
    CHECK(got[1].text.size() <= 65'536);
    CHECK(got[2] == found_record{"http://b", 3, ""});
  }
}

TEST_CASE("very long comments and blank lines are ignored") {
  CHECK(rows("a.txt", '#' + std::string(300'000, 'x') + "\n"
                        + std::string(300'000, ' ') + "\nhttp://a")
        == records{{"http://a", 3, ""}});
}

TEST_CASE("lines keep their numbers across buffer boundaries") {
  std::string content;
  for (int i = 1; i <= 50'000; ++i)
    content += "http://h/" + std::string(i % 97, 'p') + std::to_string(i)
               + (i % 3 == 0 ? "\r\n" : "\n");
  auto got = rows("a.txt", content);
  REQUIRE(got.size() == 50'000);
  for (size_t i = 1; i <= got.size(); ++i) {
    REQUIRE(got[i - 1].line == i);
    REQUIRE(got[i - 1].text
            == "http://h/" + std::string(i % 97, 'p') + std::to_string(i));
  }
}

TEST_CASE("a compressed list is read as its content") {
  std::string csv = "name,url\nx,http://a\n";
  CHECK(rows("a.csv.gz", compress(compression::gzip, csv))
        == records{{"http://a", 2, ""}});
  CHECK(rows("a.csv.zst", compress(compression::zstd, csv))
        == records{{"http://a", 2, ""}});
  CHECK(
    rows("a.jsonl.lz4", compress(compression::lz4, "{\"url\":\"http://a\"}"))
    == records{{"http://a", 1, ""}});
}

TEST_CASE(
  "a truncated compressed list is an error that names the list and line") {
  std::string content;
  for (int i = 0; i < 5'000; ++i)
    content += "http://h/" + std::to_string(i * 7919) + '\n';
  auto bytes = compress(compression::gzip, content);
  auto what = list_failure("a.txt.gz", bytes.substr(0, bytes.size() / 2));
  CHECK(what.find("/a.txt.gz:") != std::string::npos);
  CHECK(what.find("ends too early") != std::string::npos);
  CHECK(what.find("a.txt.gz:1:") == std::string::npos);
}

TEST_CASE("a list that cannot be opened is named") {
  list_folder folder;
  patient_monitor monitor;
  auto missing = open_list(folder.path() / "none.txt", monitor);
  REQUIRE_FALSE(missing);
  CHECK(code_of(missing.error()) == ec::input);
  CHECK(what_of(missing.error()).find("none.txt") != std::string::npos);
  auto directory = open_list(folder.path(), monitor);
  REQUIRE_FALSE(directory);
  CHECK(what_of(directory.error()).find("is a directory") != std::string::npos);
}

// -- csv ----------------------------------------------------------------------

TEST_CASE("a CSV list yields the named column of every row") {
  CHECK(rows("a.csv", "\xEF\xBB\xBFid, url ,note\r\n"
                      "1,http://a,\"two\nlines, one \"\"field\"\"\"\r\n"
                      "\r\n"
                      "2,\" http://b \",x\r\n"
                      "3,\"http://c/\"\"q\"\"\",\r\n"
                      "#4,http://d,,,,\n"
                      "5,,\n"
                      "6\n"
                      "7,http://e,")
        == records{{"http://a", 2, ""},
                   {"http://b", 5, ""},
                   {"http://c/\"q\"", 6, ""},
                   {"http://d", 7, ""},
                   {"", 8, "the URL column is empty"},
                   {"6\n", 9, "has 1 fields, but the URL is in field 2"},
                   {"http://e", 10, ""}});
}

TEST_CASE("a CSV list may have one column") {
  CHECK(rows("a.CSV", "url\nhttp://a\n\n\"http://b\"\n\"\"\n")
        == records{{"http://a", 2, ""},
                   {"http://b", 4, ""},
                   {"", 5, "the URL column is empty"}});
}

TEST_CASE("an ill-formed CSV record loses only its first line") {
  CHECK(rows("a.csv", "id,url\n"
                      "1\",http://a\n"
                      "2,http://b\n"
                      "\"3,http://c\n"
                      "4,http://d\n"
                      "5,http://e\n")
        == records{{"1\",http://a", 2, "a quote inside a field"},
                   {"http://b", 3, ""},
                   {"\"3,http://c", 4, "a quote is not closed"},
                   {"http://d", 5, ""},
                   {"http://e", 6, ""}});
}

TEST_CASE("an unclosed quote loses no row of a long CSV list") {
  std::string content = "id,url\n\"0,http://lost\n";
  for (int i = 1; i <= 40'000; ++i)
    content += std::to_string(i) + ",http://h/" + std::to_string(i) + '\n';
  auto got = rows("a.csv", content);
  REQUIRE(got.size() == 40'001);
  CHECK(got[0].defect == "longer than 64 KiB, or a quote is not closed");
  for (size_t i = 1; i < got.size(); ++i)
    REQUIRE(got[i] == found_record{"http://h/" + std::to_string(i), i + 2, ""});
}

TEST_CASE("a CSV record beyond 64 KiB is invalid and takes constant memory") {
  for (size_t size : {65'536u, 200'000u, 900'000u}) {
    CAPTURE(size);
    auto got = rows("a.csv", "url,note\nhttp://a," + std::string(size, 'x')
                               + "\nhttp://b,\n");
    REQUIRE(got.size() == 2);
    CHECK(got[0].line == 2);
    CHECK(got[0].defect == "longer than 64 KiB, or a quote is not closed");
    CHECK(got[0].text.size() <= max_url_bytes);
    CHECK(got[1] == found_record{"http://b", 3, ""});
  }
}

TEST_CASE("a CSV list without the column lists the existing ones") {
  auto what =
    list_failure("a.csv", "id,link,\"the \x1b[1m name\"\n1,http://a,x\n");
  CHECK(what.find("/a.csv:1: no column \"url\"") != std::string::npos);
  CHECK(what.find("id, link, the \\x1b[1m name") != std::string::npos);
  CHECK(what.find("input.field") != std::string::npos);
}

TEST_CASE("a CSV list without a header row is an error") {
  CHECK(list_failure("a.csv", "").find("is empty") != std::string::npos);
  CHECK(list_failure("a.csv", "\n\n").find("is empty") != std::string::npos);
  CHECK(
    list_failure("a.csv", "\"url\n").find("is broken: a quote is not closed")
    != std::string::npos);
}

// -- jsonl --------------------------------------------------------------------

TEST_CASE("a JSONL list yields the named member of every object") {
  CHECK(rows("a.ndjson",
             "{\"url\":\"http://a\"}\n"
             "\n"
             "# a comment\n"
             " { \"n\" : -1.5e300, \"m\": 123456789012345678901234567890, "
             "\"url\" : \" http:\\/\\/b\\u002fc \","
             " \"x\":[{\"url\":1}], \"y\":{\"url\":null} } \r\n")
        == records{{"http://a", 1, ""}, {"http://b/c", 4, ""}});
}

TEST_CASE("other members of a JSONL line do not matter") {
  auto deep = std::string(200, '[') + std::string(200, ']');
  CHECK(rows("a.jsonl",
             "{\"x\":\"cut \\ud83d\",\"url\":\"http://a\"}\n"
             "{\"n\":1e400,\"url\":\"http://b\"}\n"
             "{\"n\":"
               + std::string(400, '1')
               + ",\"url\":\"http://c\"}\n"
                 "{\"x\":"
               + deep
               + ",\"url\":\"http://d\"}\n"
                 "{\"\\udc00\":\"\xff\",\"x\":1,\"x\":2,\"url\":\"http://e\"}\n"
                 "{\"url\":\"http://f/\\ud83d\"}\n")
        == records{{"http://a", 1, ""},
                   {"http://b", 2, ""},
                   {"http://c", 3, ""},
                   {"http://d", 4, ""},
                   {"http://e", 5, ""},
                   {"http://f/\xed\xa0\xbd", 6, ""}});
  CHECK(url_defect("http://f/\xed\xa0\xbd") == std::string{"not UTF-8"});
}

TEST_CASE("a JSONL line without the member is reported") {
  struct row {
    std::string line;
    std::string defect;
  };
  std::string deep = "{\"x\":" + std::string(256, '[') + std::string(256, ']')
                     + ",\"url\":\"http://a\"}";
  for (auto& r : {
         row{"http://a", "not valid JSON: not a JSON value (byte 0)"},
         row{"\"http://a\"", "not a JSON object"},
         row{"[\"http://a\"]", "not a JSON object"},
         row{"17", "not a JSON object"},
         row{"{}", "the URL member is missing"},
         row{"{\"URL\":\"http://a\"}", "the URL member is missing"},
         row{"{\"x\":{\"url\":\"http://a\"}}", "the URL member is missing"},
         row{"{\"url\":7}", "the URL member is not a string"},
         row{"{\"url\":null}", "the URL member is not a string"},
         row{"{\"url\":[\"http://a\"]}", "the URL member is not a string"},
         row{"{\"url\":{\"url\":\"http://a\"}}",
             "the URL member is not a string"},
         row{"{\"url\":\"http://a\",\"url\":\"http://b\"}",
             "the URL member is given twice"},
         row{deep, "not valid JSON: nested too deep, more than 256 levels"},
         row{"{\"url\":\"http://a\"", "not valid JSON: "},
         row{"{\"url\":\"http://a\"}{}", "not valid JSON: "},
         row{std::string("{\"url\":\"http://a\"}\0{}", 21),
             "not valid JSON: more text follows the JSON value"},
         row{std::string("{\"url\":\"http\0://a\"}", 20), "not valid JSON: "},
       }) {
    INFO(r.line);
    auto got = rows("a.jsonl", "{\"url\":\"http://x\"}\n" + r.line + '\n');
    REQUIRE(got.size() == 2);
    CHECK(got[1].line == 2);
    CHECK(got[1].text == r.line);
    CHECK(got[1].defect.starts_with(r.defect));
  }
}

TEST_CASE("nesting uses no stack and a long JSONL line uses little memory") {
  auto deepest = std::string(longest_json_record - 10, '[');
  CHECK(rows("a.jsonl", deepest).at(0).defect == "not a JSON object");
  auto nested = "{\"a\":" + deepest;
  CHECK_THAT(rows("a.jsonl", nested).at(0).defect,
             Catch::Contains("nested too deep"));
  auto got = rows("a.jsonl", "{\"url\":\"" + std::string(3'000'000, 'x')
                               + "\"}\n{\"url\":\"http://a\"}\n");
  REQUIRE(got.size() == 2);
  CHECK(got[0].defect == "longer than 1 MiB");
  CHECK(got[0].text.size() == max_url_bytes);
  CHECK(got[1] == found_record{"http://a", 2, ""});
}

TEST_CASE(
  "random bytes are records in every format or an error with a message") {
  uint32_t state = 1;
  auto byte = [&] {
    state = state * 1'664'525u + 1'013'904'223u;
    constexpr std::string_view alphabet =
      "\"\",\n\r{}[]:\\u #http://a\xC3\xA9\xff";
    return alphabet[(state >> 16) % alphabet.size()];
  };
  for (int round = 0; round < 200; ++round) {
    std::string noise;
    for (int i = 0; i < 400; ++i)
      noise += byte();
    for (auto format : {list_format::lines, list_format::jsonl})
      CHECK(read_list("noise", noise, format));
    CHECK(read_list("noise", "url,x\n" + noise, list_format::csv));
  }
}
