#include "simulator/run_content.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <vector>

using namespace sluice::sim;

namespace {

run_content
content_of(uint32_t urls, const capture_rules& rules, uint32_t limit) {
  run_content content;
  content.id = "run_1";
  for (uint32_t i = 0; i < urls; ++i)
    content.urls += "https://shop.example/" + std::to_string(i) + '\n';
  content.url_count = urls;
  content.url_limit = limit;
  content.captures = count_captures(content, rules);
  return content;
}

run_content content_of(uint32_t urls, const capture_rules& rules) {
  return content_of(urls, rules, urls);
}

struct listed {
  std::string url;
  uint64_t index;
  bool operator==(const listed&) const = default;
};

std::vector<listed> walk_all(const run_content& content,
                             const capture_rules& rules,
                             capture_position from = {}) {
  std::vector<listed> result;
  capture_walk walk{content, rules, from};
  while (walk.position().passed() < content.captures) {
    auto step = walk.next();
    result.push_back({std::string{step.url}, step.index});
  }
  return result;
}

bool is_extra(const listed& capture) {
  return capture.url.starts_with("https://never-submitted.example/");
}

} // namespace

TEST_CASE("each URL has its captures in the order of the URLs") {
  capture_rules rules;
  rules.per_url = 2;
  auto captures = walk_all(content_of(2, rules), rules);
  CHECK(captures
        == std::vector<listed>{{"https://shop.example/0", 0},
                               {"https://shop.example/0", 1},
                               {"https://shop.example/1", 0},
                               {"https://shop.example/1", 1}});
}

TEST_CASE("the requested share of URLs is missing, the same on every walk") {
  capture_rules rules;
  rules.missing = 0.2;
  auto content = content_of(10'000, rules);
  auto captures = walk_all(content, rules);
  CHECK(captures.size() == content.captures);
  CHECK(captures.size() == Approx(8'000).margin(200));
  CHECK(walk_all(content, rules) == captures);
}

TEST_CASE("there are no captures if every URL is missing") {
  capture_rules rules;
  rules.missing = 1;
  CHECK(content_of(10, rules).captures == 0);
}

TEST_CASE("the requested share of captures is unmatched and evenly spread") {
  capture_rules rules;
  rules.extra = 0.25;
  auto captures = walk_all(content_of(300, rules), rules);
  REQUIRE(captures.size() == 400);
  std::map<std::string, int> seen;
  int unmatched_in_first_half = 0;
  for (size_t i = 0; i < captures.size(); ++i) {
    CHECK(++seen[captures[i].url] == 1);
    unmatched_in_first_half += i < 200 && is_extra(captures[i]) ? 1 : 0;
  }
  CHECK(unmatched_in_first_half == 50);
}

TEST_CASE("a budget of URLs omits the last ones") {
  capture_rules rules;
  auto captures = walk_all(content_of(5, rules, 3), rules);
  REQUIRE(captures.size() == 3);
  CHECK(captures.back().url == "https://shop.example/2");
}

TEST_CASE("a walk can resume from any of its positions") {
  capture_rules rules;
  rules.per_url = 2;
  rules.missing = 0.3;
  rules.extra = 0.2;
  auto content = content_of(50, rules);
  auto all = walk_all(content, rules);
  capture_walk walk{content, rules};
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<listed> rest(all.begin() + static_cast<ptrdiff_t>(i),
                             all.end());
    REQUIRE(walk_all(content, rules, walk.position()) == rest);
    static_cast<void>(walk.next());
  }
}
