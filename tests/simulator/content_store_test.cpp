#include "simulator/content_store.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;

namespace {

std::string id_of(uint64_t number) {
  return "run_" + std::to_string(number);
}

/// About 5,000 bytes of URLs.
run_content numbered_content(uint64_t number) {
  run_content content;
  content.id = id_of(number);
  content.robot = number % 2 == 0 ? "even" : "odd";
  for (int i = 0; i < 100; ++i)
    content.urls += "https://shop.example/catalogue/item/number/"
                    + std::to_string(1000 * number + i) + '\n';
  content.url_count = 100;
  content.url_limit = 90;
  content.captures = 80 + number;
  return content;
}

void fill(content_store& store, uint64_t runs) {
  for (uint64_t number = 0; number < runs; ++number)
    store.add(numbered_content(number));
}

bool is_same(const run_content& a, const run_content& b) {
  return a.id == b.id && a.robot == b.robot && a.urls == b.urls
         && a.url_count == b.url_count && a.url_limit == b.url_limit
         && a.captures == b.captures;
}

uint64_t in_memory(const content_store& store) {
  uint64_t result = 0;
  for (uint64_t number = 0; number < store.size(); ++number)
    result += store.brief(number, id_of(number))->urls.empty() ? 0 : 1;
  return result;
}

} // namespace

TEST_CASE("only the newest runs keep their URLs in memory") {
  content_store store{30'000};
  fill(store, 100);
  CHECK(store.size() == 100);
  CHECK(in_memory(store) >= 3);
  CHECK(in_memory(store) <= 6);
  auto old = store.brief(0, id_of(0));
  CHECK(old->urls.empty());
  CHECK(old->id == id_of(0));
  CHECK(old->robot == "even");
  CHECK(old->url_count == 100);
  CHECK(old->url_limit == 90);
  CHECK(old->captures == 80);
  CHECK_FALSE(store.brief(99, id_of(99))->urls.empty());
}

TEST_CASE("every run's content comes back whole, more than once") {
  content_store store{30'000};
  fill(store, 40);
  for (int pass = 0; pass < 2; ++pass)
    for (uint64_t number = 0; number < 40; ++number)
      CHECK(
        is_same(*store.whole(number, id_of(number)), numbered_content(number)));
  CHECK(in_memory(store) <= 6);
}

TEST_CASE("a run larger than the memory limit comes back whole") {
  content_store store{1'000};
  fill(store, 2);
  CHECK(in_memory(store) == 0);
  CHECK(is_same(*store.whole(1, id_of(1)), numbered_content(1)));
}
