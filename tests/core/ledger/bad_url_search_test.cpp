#include "core/ledger/bad_url_search.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sluice;

namespace {

using part = bad_url_search::part;
using texts = std::vector<std::string>;

const bad_url_search::kinship kin{"robot", 0, 0};

part rest(batch_key key, size_t urls) {
  return {key, urls, kin};
}

std::vector<batch_key> keys_of(const std::vector<part>& parts) {
  std::vector<batch_key> result;
  for (auto& one : parts)
    result.push_back(one.key);
  return result;
}

url_table numbered_urls(size_t count) {
  texts urls;
  for (size_t i = 0; i < count; ++i)
    urls.push_back("https://shop.example/" + std::to_string(i));
  return urls;
}

} // namespace

TEST_CASE("more than half of a batch is tested", "[search]") {
  bad_url_search search;
  auto size_for = [&](size_t urls) {
    auto tested = search.part_to_test(numbered_urls(urls), "HTTP 422", false);
    CHECK(tested.begin == 0);
    CHECK_FALSE(tested.is_named);
    return tested.size();
  };
  CHECK(size_for(2) == 1);
  CHECK(size_for(3) == 2);
  CHECK(size_for(5) == 3);
  CHECK(size_for(100) == 60);
}

TEST_CASE("one URL is tested until a submit has been accepted", "[search]") {
  bad_url_search search;
  CHECK(search.part_to_test(numbered_urls(100), "HTTP 422", true).size() == 1);
}

TEST_CASE("a URL that the API names does not show that the request is wrong",
          "[search]") {
  bad_url_search search;
  auto urls = numbered_urls(100);
  for (size_t named : {0, 17}) {
    auto message = "HTTP 422: '" + std::string{urls[named]} + "'";
    auto tested = search.part_to_test(urls, message, true);
    CHECK(tested.size() == 1);
    CHECK(tested.begin != named);
    CHECK_FALSE(tested.is_named);
  }
}

TEST_CASE("the URL that a refusal names is tested alone, until such a URL is "
          "accepted",
          "[search]") {
  bad_url_search search;
  auto urls = numbered_urls(100);
  std::string message = "HTTP 422: 'https://shop.example/17' is no product";
  auto tested = search.part_to_test(urls, message, false);
  CHECK(tested.is_named); // not /1, which is a part of it
  CHECK(tested.begin == 17);
  CHECK(tested.size() == 1);
  search.divided(1, 2, rest(3, 99), true);
  search.accepted(2);
  CHECK_FALSE(search.to_divide());
  CHECK(keys_of(search.to_share(99, false)) == std::vector<batch_key>{3});
  CHECK_FALSE(search.part_to_test(urls, message, false).is_named);
}

TEST_CASE("if a test is accepted, the bad URL is in the rest", "[search]") {
  bad_url_search search;
  search.divided(1, 2, rest(3, 40), false);
  CHECK(search.keeps(3));
  CHECK_FALSE(search.keeps(2));
  search.accepted(2);
  CHECK(search.to_divide() == batch_key{3});
  CHECK(search.keeps(3)); // it is not sent whole
  CHECK(search.to_share(1, true).empty());
  search.divided(3, 4, rest(5, 16), false);
  CHECK_FALSE(search.to_divide());
}

TEST_CASE("a single bad URL that is left over is sent and rejected",
          "[search]") {
  bad_url_search search;
  search.divided(1, 2, rest(3, 1), false);
  search.accepted(2);
  CHECK_FALSE(search.to_divide());
  CHECK_FALSE(search.keeps(3));
}

TEST_CASE(
  "if a test is refused or its outcome is unknown, the rest is left over",
  "[search]") {
  bad_url_search search;
  search.divided(1, 2, rest(3, 40), false);
  SECTION("refused, with more than one URL") {
    search.divided(2, 4, rest(5, 24), false);
    search.accepted(2);
    CHECK_FALSE(search.to_divide());
    CHECK(keys_of(search.to_share(40, false)) == std::vector<batch_key>{3});
  }
  SECTION("refused alone, held, or divided otherwise") {
    search.ended(2);
    search.accepted(2);
    CHECK_FALSE(search.to_divide());
    CHECK(keys_of(search.to_share(40, false)) == std::vector<batch_key>{3});
  }
  CHECK(search.keeps(3));
}

TEST_CASE("parts left over share a batch that is as full as possible",
          "[search]") {
  bad_url_search search;
  for (auto one : {rest(10, 40), rest(11, 24), rest(12, 40), rest(13, 15),
                   rest(14, 1), rest(15, 5)}) {
    search.divided(one.key + 100, one.key + 200, one, false);
    search.ended(one.key + 200);
  }
  CHECK(search.to_share(126, false).empty());
  auto parts = search.to_share(100, false);
  CHECK(keys_of(parts) == std::vector<batch_key>{10, 12, 13, 15});
  search.release(parts);
  CHECK_FALSE(search.keeps(10));
  CHECK(search.keeps(11));
  CHECK(search.to_share(100, false).empty());
  CHECK(keys_of(search.to_share(100, true)) == std::vector<batch_key>{11, 14});
}

TEST_CASE("a small batch waits while a test may add to it", "[search]") {
  bad_url_search search;
  search.divided(1, 2, rest(3, 40), false);
  search.divided(2, 4, rest(5, 24), false);
  CHECK(search.to_share(100, true).empty());
  search.ended(4);
  CHECK(keys_of(search.to_share(100, true)) == std::vector<batch_key>{3, 5});
}

TEST_CASE("only parts of the same kinship share a batch", "[search]") {
  bad_url_search search;
  search.divided(1, 2, {3, 40, kin}, false);
  search.divided(4, 5, {6, 40, bad_url_search::kinship{"other", 0, 0}}, false);
  search.divided(7, 8, {9, 40, std::nullopt}, false);
  for (auto test : {2, 5, 8})
    search.ended(test);
  CHECK_FALSE(search.keeps(9)); // it is handed out as it is
  auto first = search.to_share(100, true);
  CHECK(first.size() == 1);
  search.release(first);
  CHECK(search.to_share(100, true).size() == 1);
}
