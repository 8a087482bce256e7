#include "simulator/listing.hpp"
#include "tests/support/json_view.hpp"

#include <catch2/catch.hpp>
#include <lz4frame.h>

#include <set>
#include <vector>

using namespace sluice::sim;
using namespace sluice::test;

namespace {

run_view finished_run(uint32_t urls, const capture_rules& rules) {
  run_content content;
  content.id = "run_1";
  content.robot = "rbt_1";
  for (uint32_t i = 0; i < urls; ++i)
    content.urls += "https://shop.example/" + std::to_string(i) + '\n';
  content.url_count = content.url_limit = urls;
  content.captures = count_captures(content, rules);
  run_view run;
  run.listed = content.captures;
  run.content = std::make_shared<const run_content>(std::move(content));
  run.state = run_state::completed;
  return run;
}

struct read_page {
  std::vector<std::string> urls;
  std::string next; ///< "" on the last page
};

read_page read(const std::string& body) {
  json_view document{body};
  read_page result;
  auto items = document["items"];
  for (unsigned i = 0; i < items.size(); ++i)
    result.urls.push_back(items[i]["url"].text());
  if (document["nextCursor"].raw().IsString())
    result.next = document["nextCursor"].text();
  return result;
}

/// All pages with their URLs, in order.
std::vector<read_page> read_all(const listing& pages, const run_view& run) {
  std::vector<read_page> result;
  cursor from;
  for (;;) {
    result.push_back(read(pages.page_at(run, from).body));
    REQUIRE(result.size() < 10'000);
    if (result.back().next.empty())
      return result;
    auto next = pages.read(result.back().next, run.content->id);
    REQUIRE(next);
    from = *next;
  }
}

std::string decompress(const std::string& frame) {
  LZ4F_dctx* context = nullptr;
  LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  std::string out;
  std::vector<char> buffer(1 << 20);
  size_t read = 0;
  size_t hint = 1;
  while (read < frame.size()) {
    auto to = buffer.size();
    auto from = frame.size() - read;
    hint = LZ4F_decompress(context, buffer.data(), &to, frame.data() + read,
                           &from, nullptr);
    REQUIRE_FALSE(LZ4F_isError(hint));
    out.append(buffer.data(), to);
    read += from;
  }
  LZ4F_freeDecompressionContext(context);
  CHECK(hint == 0); // the frame is complete
  return out;
}

} // namespace

TEST_CASE("all pages except the last are full and every capture occurs once") {
  listing_options options;
  auto urls = GENERATE(0u, 1u, 99u, 100u, 101u, 250u);
  listing pages{options, 600};
  auto run = finished_run(urls, options.rules);
  auto all = read_all(pages, run);
  CHECK(all.size() == std::max(1u, (urls + 99) / 100));
  std::set<std::string> seen;
  for (size_t i = 0; i < all.size(); ++i) {
    CHECK((i + 1 == all.size() || all[i].urls.size() == 100));
    seen.insert(all[i].urls.begin(), all[i].urls.end());
  }
  CHECK(seen.size() == urls);
}

TEST_CASE("an overlapping page repeats the last capture of the previous page") {
  listing_options options;
  options.page_size = GENERATE(1u, 10u);
  options.overlap = 1;
  listing pages{options, 600};
  auto all = read_all(pages, finished_run(30, options.rules));
  REQUIRE(all.size() == 30 / options.page_size);
  for (size_t i = 1; i < all.size(); ++i) {
    CHECK(all[i].urls.size() == options.page_size + 1);
    CHECK(all[i].urls.front() == all[i - 1].urls.back());
  }
}

TEST_CASE("an overlap is the same every time the page is requested") {
  listing_options options;
  options.page_size = 10;
  options.overlap = 0.5;
  listing pages{options, 600};
  auto run = finished_run(1'000, options.rules);
  int overlapping = 0;
  auto all = read_all(pages, run);
  for (const auto& one : all) {
    if (one.next.empty())
      break;
    auto from = *pages.read(one.next, "run_1");
    auto made = pages.page_at(run, from);
    overlapping += made.overlaps ? 1 : 0;
    REQUIRE(made.body == pages.page_at(run, from).body);
  }
  CHECK(overlapping > 30);
  CHECK(overlapping < 70);
}

TEST_CASE("an active run lists the captures so far and the rest later") {
  listing_options options;
  listing pages{options, 600};
  auto run = finished_run(150, options.rules);
  run.listed = 120;
  auto all = read_all(pages, run);
  REQUIRE(all.size() == 2);
  CHECK(all[1].urls.size() == 20);
  run.listed = 150;
  CHECK(read_all(pages, run)[1].urls.size() == 50);
}

TEST_CASE("the array dialect lists everything as a bare array") {
  listing_options options;
  options.form = dialect::array;
  listing pages{options, 600};
  auto made = pages.page_at(finished_run(250, options.rules), {});
  CHECK(made.captures == 250);
  CHECK(json_view{made.body}.size() == 250);
}

TEST_CASE("v0 lists captures as rows") {
  listing_options options;
  options.form = dialect::v0;
  listing pages{options, 600};
  json_view document{pages.page_at(finished_run(3, options.rules), {}).body};
  CHECK(document["rows"].size() == 3);
  CHECK(document["nextCursor"].raw().IsNull());
}

TEST_CASE("a download is an LZ4 frame with the same captures as the pages") {
  listing_options options;
  auto urls = GENERATE(0u, 1u, 500u);
  options.page_size = 1'000;
  listing pages{options, 600};
  auto run = finished_run(urls, options.rules);
  std::string frame;
  std::string piece;
  auto next_piece = pages.download(run, false);
  while (next_piece(piece)) {
    REQUIRE_FALSE(piece.empty());
    frame += piece;
  }
  CHECK(piece.empty());
  auto lines = decompress(frame);
  std::string joined = R"({"items":[)";
  for (size_t begin = 0; begin < lines.size();) {
    auto end = lines.find('\n', begin);
    REQUIRE(end != lines.npos);
    joined += (begin > 0 ? "," : "") + lines.substr(begin, end - begin);
    begin = end + 1;
  }
  CHECK(joined + R"(],"nextCursor":null})" == pages.page_at(run, {}).body);
}

TEST_CASE("a download's frame may be truncated") {
  listing_options options;
  listing pages{options, 600};
  auto run = finished_run(3, options.rules);
  std::string whole, cut, piece;
  for (auto next = pages.download(run, false); next(piece);)
    whole += piece;
  for (auto next = pages.download(run, true); next(piece);)
    cut += piece;
  CHECK(cut.size() < whole.size());
  CHECK(whole.starts_with(cut));
}

TEST_CASE("only the last page of an unreadable run is not JSON") {
  capture_rules rules;
  auto run = finished_run(15, rules);
  run.is_unreadable = true;
  listing pages{{dialect::legacy, 10, 0, rules}, 100};
  auto first = pages.page_at(run, {});
  CHECK(read(first.body).urls.size() == 10);
  auto next = pages.read(read(first.body).next, "run_1");
  REQUIRE(next);
  auto last = pages.page_at(run, *next);
  CHECK(last.captures == 5);
  CHECK(last.body.find(",NaN,{") != std::string::npos);
}
