#include "core/api/capture_download.hpp"
#include "core/api/page_splitter.hpp"
#include "tests/core/input/list_fixture.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

using then = scripted_reply::then;
using strings = std::vector<std::string>;

std::string as_lines(const strings& captures) {
  std::string text;
  for (auto& capture : captures)
    text += capture + '\n';
  return text;
}

strings numbered_captures(size_t count) {
  strings result;
  for (size_t i = 0; i < count; ++i)
    result.push_back(R"({"_id": )" + std::to_string(i)
                     + R"(, "url":"https://a/)" + std::to_string(i)
                     + R"(", "price": 12.340})");
  return result;
}

std::string lz4(std::string_view text) {
  return compress(compression::lz4, text);
}

/// A download and the file server it reads from.
struct served_download {
  explicit served_download(std::vector<connection_script> scripts)
      : server{std::move(scripts)} {
    api_profile profile;
    profile.results.items = {"/items"};
    profile.results.item_id = {"/_id"};
    profile.results.item_url = {"/url"};
    profile.download = download_dialect{"/d", {"/url"}, "jsonl.lz4"};
    options.profile = std::make_shared<const api_profile>(profile);
    options.directory = folder.path();
    options.transport.timeout = 20s;
  }

  /// The file server has one file.
  explicit served_download(const std::string& body)
      : served_download{std::vector<connection_script>{
        {{http_text(200, body), then::close}}}} {}

  read_verdict open() {
    download.emplace(options);
    return download->open({server.base() + "/files/x?signature=confidential"});
  }

  /// The captures of all parts up to the first failure.
  strings read() {
    strings result;
    sizes.clear();
    for (;;) {
      part = download->next();
      if (part.verdict.outcome != read_outcome::ok)
        return result;
      sizes.push_back(part.captures.size());
      for (auto each : part.captures)
        result.push_back(
          part.body->substr(each.span.begin, each.span.end - each.span.begin));
      if (!part.next)
        return result;
    }
  }

  temp_folder folder;
  scripted_server server;
  download_options options;
  std::optional<capture_download> download;
  page_reply part; ///< the last one
  std::vector<size_t> sizes;
};

/// What is wrong with a file of these bytes. None of it is delivered.
std::string defect_of_file(const std::string& body) {
  served_download file{body};
  auto verdict = file.open();
  CHECK(verdict.outcome == read_outcome::unreadable);
  return verdict.message;
}

} // namespace

TEST_CASE("a download's captures keep their bytes, order, ids and URLs") {
  auto captures = numbered_captures(2'500);
  served_download file{lz4(as_lines(captures))};
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.read() == captures);
  CHECK(file.sizes == std::vector<size_t>{1'000, 1'000, 500});
  std::string scratch;
  CHECK(capture_url(file.part.text(), file.part.captures[499].url, scratch)
        == "https://a/2499");
  auto request = file.server.requests().at(0);
  CHECK_THAT(request, Catch::StartsWith("GET /files/x?signature=confidential"));
  CHECK_THAT(request,
             !Catch::Contains("Authorization", Catch::CaseSensitive::No));
}

TEST_CASE("a capture has the same identity in a download as on a page") {
  auto captures = strings{R"({"_id":"a"})", R"({"no":"id"})", "7"};
  served_download file{lz4(as_lines(captures))};
  REQUIRE(file.open().outcome == read_outcome::ok);
  file.read();
  page_splitter splitter{file.options.profile->results};
  auto page = splitter.split(R"({"items":[{"_id":"a"}, {"no":"id"}, 7]})");
  REQUIRE(page);
  REQUIRE(file.part.captures.size() == 3);
  for (size_t i = 0; i < 3; ++i)
    CHECK(file.part.captures[i].identity == page->captures[i].identity);
}

TEST_CASE(
  "lines of a download may be blank, end with CR LF, or lack a line end") {
  served_download file{lz4("\n {\"_id\":1} \r\n\r\n{\"_id\":2}")};
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.read() == strings{R"({"_id":1})", R"({"_id":2})"});
}

TEST_CASE("empty lines do not make parts") {
  served_download file{
    lz4(std::string(5'000, '\n') + as_lines(numbered_captures(3)))};
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.read() == numbered_captures(3));
  CHECK(file.sizes == std::vector<size_t>{3});
}

TEST_CASE(
  "a download that has already been read can be stopped between its parts") {
  served_download file{lz4(as_lines(numbered_captures(2'500)))};
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.download->next().verdict.outcome == read_outcome::ok);
  file.download->stop();
  auto after = file.download->next();
  CHECK(after.verdict.outcome == read_outcome::retry);
  CHECK_THAT(after.verdict.message, Catch::Contains("stopped"));
}

TEST_CASE("a download of a run without captures has one empty part") {
  served_download file{lz4("")};
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.read().empty());
  CHECK(file.part.verdict.outcome == read_outcome::ok);
  CHECK_FALSE(file.part.next);
}

TEST_CASE("the parts of a download are limited in bytes") {
  auto text = as_lines(strings(100, "\"" + std::string(998, 'x') + "\""));
  served_download file{lz4(text)};
  file.options.part_bytes = 10'500;
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.read().size() == 100);
  CHECK(file.sizes == std::vector<size_t>(10, 10));
}

TEST_CASE("other codecs can be read") {
  auto [codec, kind] = GENERATE(std::pair{"jsonl.gz", compression::gzip},
                                std::pair{"jsonl.zst", compression::zstd},
                                std::pair{"jsonl", compression::none});
  auto captures = numbered_captures(10);
  served_download file{compress(kind, as_lines(captures))};
  auto profile = *file.options.profile;
  profile.download->codec = codec;
  file.options.profile = std::make_shared<const api_profile>(profile);
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.read() == captures);
}

TEST_CASE("a file stored with a Content-Encoding is read as it is stored") {
  auto captures = numbered_captures(10);
  auto stored = compress(compression::gzip, as_lines(captures));
  served_download file{std::vector<connection_script>{
    {{http_text(200, stored, {"Content-Encoding: gzip"}), then::close}}}};
  auto profile = *file.options.profile;
  profile.download->codec = "jsonl.gz";
  file.options.profile = std::make_shared<const api_profile>(profile);
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(file.read() == captures);
}

TEST_CASE("a truncated or damaged frame delivers nothing") {
  auto whole = lz4(as_lines(numbered_captures(3'000)));
  CHECK_THAT(defect_of_file(""), Catch::Contains("ends too early"));
  CHECK_THAT(defect_of_file("<html>expired</html>"),
             Catch::Contains("damaged"));
  CHECK_THAT(defect_of_file(whole + "x"), Catch::Contains("lz4"));
  for (auto size : {whole.size() - 1, whole.size() / 2, size_t{3}}) {
    CAPTURE(size);
    CHECK_THAT(defect_of_file(whole.substr(0, size)),
               Catch::Contains("ends too early"));
  }
}

TEST_CASE("a file that ends early or has no known length is rejected") {
  auto whole = http_text(200, lz4(as_lines(numbered_captures(3'000))));
  served_download file{std::vector<connection_script>{
    {{whole.substr(0, whole.size() - 10), then::close}}}};
  CHECK_THAT(file.open().message, Catch::Contains("broke"));

  served_download open_end{std::vector<connection_script>{
    {{"HTTP/1.1 200 OK\r\n\r\n{\"_id\":1}\n", then::close}}}};
  auto profile = *open_end.options.profile;
  profile.download->codec = "jsonl";
  open_end.options.profile = std::make_shared<const api_profile>(profile);
  CHECK_THAT(open_end.open().message, Catch::Contains("how long"));
}

TEST_CASE("a URL that has expired or redirects fails without being shown") {
  using row = std::tuple<int, const char*, read_outcome>;
  auto [status, text, expected] =
    GENERATE(row{403, "answered 403", read_outcome::unreadable},
             row{404, "answered 404", read_outcome::unreadable},
             row{503, "answered 503", read_outcome::retry},
             row{429, "answered 429", read_outcome::retry},
             row{302, "redirect", read_outcome::unreadable});
  served_download file{std::vector<connection_script>{
    {{http_text(status, "<Error>signature=confidential</Error>",
                {"Location: http://127.0.0.1:1/x"}),
      then::close}}}};
  auto verdict = file.open();
  CHECK(verdict.outcome == expected);
  CHECK(verdict.elsewhere);
  CHECK_THAT(verdict.message, Catch::Contains(text));
  CHECK_THAT(verdict.message, !Catch::Contains("confidential"));
  CHECK(file.server.requests().size() == 1);
}

TEST_CASE("the next URL is opened from its start after a failure") {
  auto whole = http_text(200, lz4("1\n2\n"));
  served_download file{std::vector<connection_script>{
    {{http_text(403, "expired"), then::close}}, {{whole, then::close}}}};
  CHECK(file.open().outcome == read_outcome::unreadable);
  CHECK(file.download->open({file.server.base() + "/y"}).outcome
        == read_outcome::ok);
  CHECK(file.read() == strings{"1", "2"});
}

TEST_CASE("a file that is too large, compressed or not, is refused") {
  // About 4 KB that decompress to 1 MB.
  auto bomb = lz4("\"" + std::string(1 << 20, ' ') + "\"\n");
  served_download packed{bomb};
  packed.options.max_file = 1'000;
  CHECK_THAT(packed.open().message, Catch::Contains("larger than 1000 bytes"));
  served_download unpacked{bomb};
  unpacked.options.max_content = 1 << 19;
  CHECK_THAT(unpacked.open().message,
             Catch::Contains("content is larger than 524288 bytes"));
}

TEST_CASE("a file that expands a thousandfold is refused unless its captures "
          "are almost equal") {
  auto same = strings(3'000, R"({"url":"https://a/1","title":"the same"})");
  served_download captures{lz4(as_lines(same))};
  captures.options.any_ratio = 1'000;
  CHECK(captures.open().outcome == read_outcome::ok);
  CHECK(captures.read() == same);

  auto text = "\"" + std::string(4 << 20, ' ') + "\"\n";
  served_download bomb{compress(compression::zstd, text)};
  auto profile = *bomb.options.profile;
  profile.download->codec = "jsonl.zst";
  bomb.options.profile = std::make_shared<const api_profile>(profile);
  bomb.options.any_ratio = 1'000;
  CHECK_THAT(bomb.open().message, Catch::Contains("1000 times as large"));
}

TEST_CASE("a small file may have any compression ratio") {
  auto text = "\"" + std::string(4 << 20, ' ') + "\"\n";
  served_download file{compress(compression::zstd, text)};
  auto profile = *file.options.profile;
  profile.download->codec = "jsonl.zst";
  file.options.profile = std::make_shared<const api_profile>(profile);
  CHECK(file.open().outcome == read_outcome::ok);
}

TEST_CASE("a file may have ten lines without a capture for each capture, plus "
          "ten thousand") {
  auto [blank, fits] =
    GENERATE(std::pair{10'030, true}, std::pair{10'031, false});
  auto text = as_lines(numbered_captures(3));
  for (auto i = 0; i < blank; ++i)
    text += i % 2 == 0 ? "\n" : " \r\n";
  served_download file{lz4(text)};
  auto verdict = file.open();
  CHECK((verdict.outcome == read_outcome::ok) == fits);
  if (!fits)
    CHECK_THAT(verdict.message,
               Catch::Contains("10030 lines without a capture"));
}

TEST_CASE("a bad line in a download loses only that line") {
  auto [line, text] = GENERATE(
    std::pair<std::string, const char*>{"{\"a\":", "ends too early (byte 5)"},
    std::pair<std::string, const char*>{"{\"a\":\n1}", "too early (byte 5)"},
    std::pair<std::string, const char*>{"1 2", "more text follows"},
    std::pair<std::string, const char*>{"<html>", "not a JSON value"},
    std::pair<std::string, const char*>{std::string("\0", 1), "(byte 0)"},
    std::pair<std::string, const char*>{std::string(1'000, '['), "too deep"});
  // More than a part before the bad line.
  served_download file{lz4("1\n2\n4\n5\n" + line + "\n3\n")};
  file.options.part_captures = 2;
  file.options.part_bytes = 1'000;
  CAPTURE(line.substr(0, 20));
  auto verdict = file.open();
  CHECK(verdict.outcome == read_outcome::ok);
  CHECK_THAT(verdict.message,
             Catch::Contains(text) && Catch::Contains("at byte 8 of the file"));
  CHECK(file.read() == strings{"1", "2", "4", "5", "3"});
}

TEST_CASE("a download without a bad line reports none") {
  served_download file{lz4("1\n\n2\n")};
  auto verdict = file.open();
  CHECK(verdict.outcome == read_outcome::ok);
  CHECK(verdict.message.empty());
}

TEST_CASE("a file without a single capture line is unreadable") {
  CHECK_THAT(defect_of_file(lz4("<html>\nexpired\n</html>\n")),
             Catch::Contains("not captures: 3")
               && Catch::Contains("at byte 0 of the file"));
}

TEST_CASE(
  "a line longer than the limit for a capture makes the file unreadable") {
  served_download file{lz4("1\n\"" + std::string(200'000, 'x') + "\"\n3\n")};
  file.options.part_bytes = 1'000;
  file.options.max_line = 100'000;
  auto verdict = file.open();
  CHECK(verdict.outcome == read_outcome::unreadable);
  CHECK_THAT(verdict.message, Catch::Contains("longer than 100000 bytes"));
}

TEST_CASE(
  "a file that arrives too slowly is cut off at the deadline of each MiB") {
  served_download file{std::vector<connection_script>{
    {{"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nx", then::dribble}}}};
  file.options.transport.timeout = 200ms;
  CHECK_THAT(file.open().message, Catch::Contains("within 0.200 s"));
}

TEST_CASE("a stop ends a running download at once") {
  served_download file{std::vector<connection_script>{
    {{"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nx", then::hang}}}};
  file.download.emplace(file.options);
  std::thread stopper{[&] {
    CHECK(file.server.wait_for_requests(1));
    file.download->stop();
  }};
  auto verdict = file.download->open({file.server.base() + "/x"});
  stopper.join();
  CHECK(verdict.outcome == read_outcome::retry);
  CHECK_THAT(verdict.message, Catch::Contains("stopped"));
  CHECK_THAT(file.download->open({file.server.base() + "/x"}).message,
             Catch::Contains("stopped"));
}

TEST_CASE("a download leaves no file behind and reports a full disk") {
  served_download file{lz4("1\n")};
  REQUIRE(file.open().outcome == read_outcome::ok);
  CHECK(std::filesystem::is_empty(file.folder.path()));
  file.options.directory = file.folder / "gone";
  auto verdict = file.open();
  CHECK(verdict.outcome == read_outcome::retry);
  CHECK_FALSE(verdict.elsewhere); // it is this machine's fault
  CHECK_THAT(verdict.message, Catch::Contains("temporary data in"));
}

TEST_CASE("a download's unknown host is retried because the next link may name "
          "another") {
  served_download file{std::vector<connection_script>{}};
  file.options.transport.resolve = [](const std::string&,
                                      uint16_t) -> caf::expected<address_list> {
    return make_error(ec::usage, "there is no host files.test");
  };
  file.download.emplace(file.options);
  auto verdict = file.download->open({"http://files.test/x"});
  CHECK(verdict.outcome == read_outcome::retry);
  CHECK(verdict.elsewhere);
  CHECK_THAT(verdict.message, Catch::Contains("there is no host files.test"));
}
