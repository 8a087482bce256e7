// JSON arrays of records, and fields by JSON Pointer.

#include "core/base/url.hpp"
#include "core/input/json_array_reader.hpp"
#include "core/input/json_field.hpp"
#include "core/input/list_reader.hpp"
#include "tests/core/input/import_setup.hpp"
#include "tests/support/resident_peak.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

/// "LINE URL" or "LINE: DEFECT" for each record, then the error, if any.
texts read_array(std::string_view content, const std::string& field = "url") {
  list_folder folder;
  patient_monitor monitor;
  input_options options;
  options.field = field;
  auto name = folder.write("a.json", content);
  auto reader = open_list_reader(name, options, monitor);
  if (!reader)
    return {what_of(reader.error())};
  texts out;
  for (list_record record;;) {
    auto more = (*reader)->next(record);
    if (!more) {
      CHECK(code_of(more.error()) == ec::input);
      out.push_back(what_of(more.error()).substr(name.size()));
      return out;
    }
    if (!*more)
      return out;
    out.push_back(std::to_string(record.line)
                  + (record.defect.empty()
                       ? ' ' + std::string{record.text}
                       : ": " + std::string{record.defect}));
  }
}

std::string found(const std::string& field, std::string_view json) {
  auto at = json_field::create(field);
  if (!at)
    return what_of(at.error());
  auto defect = at->find(json);
  return defect.empty() ? at->value() : std::string{defect};
}

} // namespace

TEST_CASE("a JSON array of records is a list") {
  CHECK(read_array("\xEF\xBB\xBF [ {\"url\":\"http://a\"},\r\n"
                   "  {\n \"x\": [1, {\"url\": \"]},{\\\"\\\\\"}],\n"
                   "    \"url\": \" http:\\/\\/b \"\n }\n,"
                   "{\"url\":\"http://c/],[\"}\n]\n\n")
        == texts{"1 http://a", "2 http://b", "6 http://c/],["});
  for (auto empty : {"[]", " [ \n] \n"})
    CHECK(read_array(empty).empty());
}

TEST_CASE("an element that is not a record loses only itself") {
  CHECK(read_array("[{\"url\":\"http://a\"},\n"
                   "17, \"http://x\",\n"
                   "{\"link\":1}, {\"url\":7}, {\"url\" \"http://x\"}, ,\n"
                   "{\"url\":\"x\",\"a\":[1}},\n"
                   "{\"url\":\"http://b\"}]")
        == texts{
          "1 http://a", "2: not a JSON object", "2: not a JSON object",
          "3: the URL member is missing", "3: the URL member is not a string",
          "3: not valid JSON: no \":\" follows the name of a member (byte 7)",
          "3: not valid JSON: the text ends too early (byte 0)",
          "4: not valid JSON: neither \",\" nor \"]\" follows an element "
          "(byte 17)",
          "5 http://b"});
}

TEST_CASE("a JSON list that is not an array or is incomplete is an error") {
  struct row {
    const char* content;
    const char* says;
  };
  for (auto& r : {
         row{
           "{\"url\":\"http://a\"}\n",
           ":1: the list is not a JSON array; for "
           "one object per line write "
           "`input.format: jsonl`; to take an array out of an object, use jq: "
           "jq '.items' LIST"},
         row{"\nhttp://a\n",
             ":2: the list is not a JSON array: it does not begin"},
         row{"", ":1: the list is not a JSON array: it does not begin"},
         row{"[", ":1: the JSON array ends within the element"},
         row{"[\n{\"url\":\"http:", ":2: the JSON array ends within"},
         row{"[\n\n{\"a\":[}", ":3: the JSON array ends within"},
         row{"[}]", ":1: the element that begins here has one } too many"},
         row{"[]\n[]", ":2: extra text after the JSON array"},
       }) {
    INFO(r.content);
    CHECK_THAT(read_array(r.content).back(), Catch::StartsWith(r.says));
  }
  auto cut = read_array("[{\"url\":\"http://a\"},\n{\"url\":\"http://b\"}");
  REQUIRE(cut.size() == 2);
  CHECK_THAT(cut[1], Catch::StartsWith(":2: the JSON array ends within"));
}

TEST_CASE("a JSON array is read across buffer boundaries") {
  std::string content = "[";
  constexpr size_t count = 30'000;
  for (size_t i = 0; i < count; ++i)
    content += (i > 0 ? ",\n{\"x\":\"" : "{\"x\":\"")
               + std::string(i % 301, i % 2 == 0 ? '\\' : ']')
               + (i % 2 == 0 && i % 301 % 2 != 0 ? "\\" : "")
               + "\",\"url\":\"http://h/" + std::to_string(i) + "\"}";
  auto got = read_array(content + ']');
  REQUIRE(got.size() == count);
  for (size_t i = 0; i < count; ++i)
    REQUIRE(got[i] == std::to_string(i + 1) + " http://h/" + std::to_string(i));
}

TEST_CASE("an element beyond 1 MiB is invalid and the next one is still read") {
  for (size_t size : {1'048'570u, 2'097'152u, 9'000'000u})
    for (auto filler : {'x', '\\', '\n', '['}) {
      CAPTURE(size, filler);
      auto text = std::string(size, filler);
      auto element = filler == '\n'  ? "{" + text + "}"
                     : filler == '[' ? text + std::string(size, ']')
                                     : "\"" + text + "\"";
      auto got = read_array("[" + element + ", {\"url\":\"http://a\"}]");
      REQUIRE(got.size() == 2);
      CHECK((got[0] == "1: longer than 1 MiB" || size < 2'000'000u));
      CHECK_THAT(got[1], Catch::EndsWith(" http://a"));
    }
}

TEST_CASE("a JSON array of any length takes constant memory") {
  // No line breaks, and 120 MB through one buffer.
  static constexpr int megabytes = is_sanitized ? 12 : 120;
  class long_array : public byte_source {
  public:
    caf::expected<size_t> read(std::span<char> into) override {
      if (left_.empty() && rounds_ > 0)
        left_ = --rounds_ == 0 ? std::string_view{"{\"url\":\"http://b\"}]"}
                               : std::string_view{part_};
      auto size = std::min(into.size(), left_.size());
      std::copy_n(left_.data(), size, into.data());
      left_.remove_prefix(size);
      return size;
    }

  private:
    std::string part_ = [] {
      std::string out;
      while (out.size() < 1'000'000)
        out += "{\"url\":\"http://a\",\"x\":\"0123456789\"},";
      return out;
    }();
    int rounds_ = megabytes;
    std::string_view left_ = "[";
  };
  patient_monitor monitor;
  auto reader =
    make_json_array_reader(text_reader{"a", std::make_unique<long_array>(),
                                       longest_json_record, monitor},
                           *json_field::create("url"));
  list_record record;
  REQUIRE(reader->next(record));
  resident_peak memory;
  size_t count = 1;
  for (;; ++count)
    if (auto more = reader->next(record); !more || !*more) {
      CHECK(more);
      break;
    }
  CHECK(count > (megabytes - 1) * 25'000);
  CHECK(record.line == 1);
  CHECK(memory.growth() < 8 << 20);
}

TEST_CASE("a JSON Pointer selects the URL of a record") {
  struct row {
    const char* field;
    const char* json;
    const char* found;
  };
  for (auto& r : {
         row{"/url", "{\"url\":\"u\"}", "u"},
         row{"/a/b", "{\"b\":\"x\",\"a\":{\"a\":{\"b\":\"x\"},\"b\":\"u\"}}",
             "u"},
         row{"/a/1/b", "{\"a\":[[{\"b\":\"x\"}],{\"b\":\"u\"},{\"b\":\"x\"}]}",
             "u"},
         row{"/a/0", "{\"a\":[\"u\",\"x\",[\"x\"]]}", "u"},
         row{"/a/0/0/c", "{\"a\":[[{\"c\":\"u\"}],[{\"c\":\"x\"}]],\"c\":1}",
             "u"},
         row{"/a~1b/~0", "{\"a/b\":{\"~\":\"u\"}}", "u"},
         row{"a/b", "{\"a/b\":\"u\"}", "u"},
         row{"a~1", "{\"a~1\":\"u\"}", "u"},
         row{"/0", "{\"0\":\"u\"}", "u"},
         row{"/a/", "{\"a\":{\"\":\"u\"}}", "u"},
         row{"/a/b", "{\"a\":{\"c\":\"x\"},\"b\":\"x\"}",
             "the URL member is missing"},
         row{"/a/b", "{\"a\":\"x\"}", "the URL member is missing"},
         row{"/a/2", "{\"a\":[\"x\",\"y\"]}", "the URL member is missing"},
         row{"/a/01", "{\"a\":[\"x\",\"y\"]}", "the URL member is missing"},
         row{"/a/b", "{\"a\":{\"b\":{}}}", "the URL member is not a string"},
         row{"/a/0", "{\"a\":[[\"x\"]]}", "the URL member is not a string"},
         row{"/a/b", "{\"a\":{\"b\":1}}", "the URL member is not a string"},
         row{"/a/b", "{\"a\":{\"b\":\"x\",\"b\":\"y\"}}",
             "the URL member is given twice"},
         row{"/a/b", "{\"a\":{\"b\":\"x\"},\"a\":{\"b\":\"y\"}}",
             "the URL member is given twice"},
         row{"/0", "[\"x\"]", "not a JSON object"},
       }) {
    INFO(r.field << " in " << r.json);
    CHECK(found(r.field, r.json) == r.found);
  }
  for (auto malformed : {"/~", "/a~2b"})
    CHECK_THAT(found(malformed, "{}"), Catch::Contains("not a JSON Pointer"));
}

TEST_CASE("a field can be a JSON Pointer in both JSON formats") {
  import_setup setup;
  setup.job.input.field = "/product/links/0";
  setup.list("a.jsonl", "{\"product\":{\"links\":[\"http://h/1\"]}}\n");
  setup.list("b.json", "[{\"product\":{\"links\":[\"http://h/2\",1]}},"
                       "{\"product\":null}]");
  auto counts = setup.run();
  CHECK(counts.urls == 2);
  CHECK(counts.invalid == 1);
}
