#include "pipeline/load/capture_lines.hpp"
#include "tests/pipeline/load/pieces.hpp"
#include "tests/support/resident_peak.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace sluice;
using namespace sluice::test;

namespace {

using texts = std::vector<std::string>;

capture_lines lines_of(std::string text, load_limits limits = {},
                       size_t piece = 7, caf::error end = {}) {
  return {"/data/a.jsonl",
          std::make_unique<pieces>(std::move(text), piece, 1, std::move(end)),
          limits};
}

texts captures_in(const line_page& page) {
  texts out;
  for (auto& span : page.captures)
    out.emplace_back(page.body->substr(span.begin, span.end - span.begin));
  return out;
}

struct reading {
  std::vector<texts> pages;
  std::vector<uint64_t> offsets; ///< after each page
  caf::error end;
};

reading read_all(capture_lines& lines) {
  reading result;
  for (;;) {
    auto page = lines.next();
    if (!page)
      result.end = page.error();
    if (!page || !*page)
      return result;
    result.pages.push_back(captures_in(**page));
    result.offsets.push_back(lines.offset());
  }
}

reading read_all(capture_lines&& lines) {
  return read_all(lines);
}

/// Lines of different lengths, some of them blank.
std::string some_lines(size_t count, unsigned seed) {
  std::minstd_rand draw{seed};
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += "{\"n\":" + std::to_string(i) + ",\"x\":\""
            + std::string(draw() % 40, 'x') + "\"}\n";
    if (draw() % 5 == 0)
      text += " \r\n\n";
  }
  return text;
}

} // namespace

TEST_CASE("a page of a file ends at its number of captures or bytes") {
  load_limits limits{.captures = 3, .bytes = 10, .longest = 100};
  CHECK(read_all(lines_of("1\n2\n3\n4\n5\n", limits)).pages
        == std::vector<texts>{{"1", "2", "3"}, {"4", "5"}});
  CHECK(read_all(lines_of("\"aaaa\"\n\"bb\"\n1\n", limits)).pages
        == std::vector<texts>{{"\"aaaa\""}, {"\"bb\"", "1"}});
  // One capture that is larger than a page has a page of its own.
  CHECK(read_all(lines_of("1\n\"aaaaaaaaaaaaaaaa\"\n2\n", limits)).pages
        == std::vector<texts>{{"1"}, {"\"aaaaaaaaaaaaaaaa\""}, {"2"}});
}

TEST_CASE("an empty file has no captures and no error") {
  for (auto* text : {"", "\n", " \r\n\t\n"}) {
    auto lines = lines_of(text);
    auto all = read_all(lines);
    CHECK(all.pages.empty());
    CHECK_FALSE(all.end);
    CHECK(lines.offset() == std::string{text}.size());
    CHECK(lines.at_end());
  }
}

TEST_CASE("blanks around a capture and a byte order mark are not part of it") {
  auto all = read_all(lines_of("\xef\xbb\xbf{\"a\":1}\r\n\n \t[2] \r\n"));
  CHECK(all.pages == std::vector<texts>{{"{\"a\":1}", "[2]"}});
  CHECK_FALSE(all.end);
}

TEST_CASE("a line that is not one JSON value ends the reading after the "
          "captures before it") {
  struct row {
    std::string line, why;
  };
  for (const auto& [line, why] :
       {row{"{\"a\":1", "the text ends too early"},
        row{"{\"a\":1}{}", "more text follows"}, row{"nul", "not a JSON value"},
        row{std::string(3, '\0'), "not a JSON value"},
        row{std::string(300, '['), "nested too deep"},
        row{"\"\x01\"", "a raw control character"}}) {
    auto lines = lines_of("1\n\n2\n" + line + "\n3\n");
    auto all = read_all(lines);
    CHECK(all.pages == std::vector<texts>{{"1", "2"}});
    CHECK(all.offsets == std::vector<uint64_t>{5});
    CHECK(code_of(all.end) == ec::input);
    CHECK_THAT(what_of(all.end),
               Catch::StartsWith("/data/a.jsonl:4: ") && Catch::Contains(why));
    // It stays so, and the offset stays in front of the line.
    CHECK_FALSE(lines.next());
    CHECK(lines.offset() == 5);
    CHECK_FALSE(lines.at_end());
  }
}

TEST_CASE("a file that ends within a line has that line left") {
  auto lines = lines_of("1\n2\n{\"a\"");
  auto all = read_all(lines);
  CHECK(all.pages == std::vector<texts>{{"1", "2"}});
  CHECK(code_of(all.end) == ec::stopped);
  CHECK_THAT(what_of(all.end), Catch::StartsWith("/data/a.jsonl:3: "));
  CHECK(lines.offset() == 4);
}

TEST_CASE("captures before a failure to read are returned first") {
  auto all =
    read_all(lines_of("1\n2\n3", {}, 2, make_error(ec::input, "gone")));
  CHECK(all.pages == std::vector<texts>{{"1", "2"}});
  CHECK(what_of(all.end) == "gone");
}

TEST_CASE("a line that is too long is refused before it is in memory") {
  load_limits limits{.captures = 3, .bytes = 10, .longest = 100};
  auto whole = "\"" + std::string(98, 'x') + "\"";
  CHECK_FALSE(read_all(lines_of(whole + "\n", limits)).end);
  auto all = read_all(lines_of("1\n" + whole + " \n", limits));
  CHECK(all.pages == std::vector<texts>{{"1"}});
  CHECK(code_of(all.end) == ec::input);
  CHECK_THAT(what_of(all.end), Catch::StartsWith("/data/a.jsonl:2: ")
                                 && Catch::Contains("api.max_body"));

  resident_peak peak;
  limits.longest = size_t{1} << 20;
  auto endless = lines_of(std::string(size_t{64} << 20, 'x'), limits, 1 << 20);
  auto before = peak.growth();
  CHECK(code_of(read_all(endless).end) == ec::input);
  CHECK(peak.growth() - before < (size_t{8} << 20));
}

TEST_CASE("pages are the same wherever reads end and wherever reading starts") {
  load_limits limits{.captures = 4, .bytes = 90, .longest = 100};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    auto text = some_lines(60, seed);
    auto whole = read_all(lines_of(text, limits, text.size()));
    REQUIRE_FALSE(whole.end);
    for (size_t piece : {1U, 2U, 13U, 200U}) {
      INFO(seed << ", " << piece);
      CHECK(read_all(lines_of(text, limits, piece)).pages == whole.pages);
    }
    for (size_t i = 0; i < whole.pages.size(); ++i) {
      auto lines = lines_of(text, limits, 13);
      REQUIRE_FALSE(lines.skip(whole.offsets[i], always));
      auto rest = read_all(lines);
      CHECK(rest.pages
            == std::vector<texts>{whole.pages.begin()
                                    + static_cast<ptrdiff_t>(i) + 1,
                                  whole.pages.end()});
      CHECK(lines.offset() == text.size());
    }
  }
}

TEST_CASE("the hash is that of the bytes, however they were read") {
  auto text = some_lines(30, 7);
  load_limits limits{.captures = 4, .bytes = 90, .longest = 100};
  auto read = lines_of(text, limits, 3);
  while (auto page = *read.next()) {
    auto skipped = lines_of(text, limits, 50);
    REQUIRE_FALSE(skipped.skip(read.offset(), always));
    CHECK(skipped.hash() == read.hash());
  }
  text[10] ^= 1;
  auto changed = lines_of(text);
  REQUIRE_FALSE(changed.skip(text.size(), always));
  CHECK(changed.hash() != read.hash());
}

TEST_CASE("line numbers count the lines that were passed over") {
  auto lines = lines_of("1\n\n2\nx\n");
  REQUIRE_FALSE(lines.skip(5, always));
  CHECK_THAT(what_of(read_all(lines).end),
             Catch::StartsWith("/data/a.jsonl:4: "));
}

TEST_CASE("passing over more than the file has is an error, as is a stop") {
  auto shorter = lines_of("1\n2\n");
  CHECK(code_of(shorter.skip(5, always)) == ec::disk);
  capture_lines damaged{
    "a",
    std::make_unique<pieces>("1\n", 9, 1, make_error(ec::input, "damaged")),
    {}};
  CHECK(what_of(damaged.skip(5, always)) == "damaged");
  auto stopped = lines_of("1\n2\n");
  CHECK(code_of(stopped.skip(4, [] { return false; })) == ec::interrupted);
}
