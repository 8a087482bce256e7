#include "core/flow/coverage.hpp"
#include "core/model/listing.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace sluice;

namespace {

const std::vector<std::string> urls{
  "https://shop.example/a",         // 0
  "https://shop.example/b?x=1#top", // 1: no other URL has its normal form
  "https://shop.example/c",         // 2: the same page as 3
  "https://SHOP.example/c",         // 3
  "https://shop.example/d",         // 4 and 5: repeated
  "https://shop.example/d",         // 5
  "https://shop.example/e",         // 6
  "https://shop.example/f",         // 7
  "https://shop.example:443/g",     // 8
};

} // namespace

TEST_CASE("a capture covers what its URL matches", "[coverage]") {
  struct row {
    const char* capture;
    bool covers;
    coverage_bits bits;
  };
  auto row = GENERATE(values<struct row>({
    {"https://shop.example/a", true, {0x01, 0}},
    {"https://shop.example/b?x=1#top", true, {0x02, 0}},
    {"HTTPS://shop.example/b?x=1", true, {0x02, 0}},
    {"https://shop.example/c", true, {0x04, 0}}, // byte for byte
    {"https://SHOP.example/c", true, {0x08, 0}},
    {"https://Shop.example/c", false, {0, 0}}, // either of the two
    {"https://shop.example/d", true, {0x30, 0}},
    {"https://shop.example/d#x", true, {0x30, 0}},
    {"https://shop.example/g", true, {0, 0x01}},
    {"https://shop.example/h", false, {0, 0}},
    {"https://shop.example/a/", false, {0, 0}},
    {"", false, {0, 0}},
    {"no URL", false, {0, 0}},
  }));
  CAPTURE(row.capture);
  coverage covered{urls};
  CHECK(covered.mark(row.capture) == row.covers);
  CHECK(covered.bits() == row.bits);
  // Marking it again gives the same answer and counts nothing twice.
  auto count = covered.covered();
  CHECK(covered.mark(row.capture) == row.covers);
  CHECK(covered.covered() == count);
}

TEST_CASE("the order of captures does not matter", "[coverage]") {
  std::mt19937 random{7};
  std::vector<std::string> batch;
  auto repeats = GENERATE(false, true);
  for (auto i = 0; i < 40; ++i)
    batch.push_back("https://shop.example/"
                    + std::to_string(repeats ? i % 30 : i));
  for (auto round = 0; round < 200; ++round) {
    coverage covered{batch};
    coverage_bits expected(5, 0);
    for (auto place = random() % 40, left = random() % 30; left > 0; --left) {
      CHECK(covered.mark(batch[place]));
      for (size_t i = 0; i < batch.size(); ++i)
        if (batch[i] == batch[place])
          expected[i / 8] |= static_cast<uint8_t>(1U << i % 8);
      // Captures mostly come in the order of the batch.
      place = random() % 4 > 0 ? (place + 1) % 40 : random() % 40;
    }
    CHECK(covered.bits() == expected);
  }
}

TEST_CASE("coverage resumes from stored bits", "[coverage]") {
  coverage covered{urls, {0x05, 0x01}};
  CHECK(covered.covered() == 3);
  CHECK(covered.mark(urls[0]));
  CHECK(covered.covered() == 3);
  CHECK(covered.mark(urls[1]));
  CHECK(covered.covered() == 4);
  CHECK(covered.bits() == coverage_bits{0x07, 0x01});
}

TEST_CASE("stored bits of the wrong size do no harm", "[coverage]") {
  CHECK(coverage{urls, {0xFF, 0xFF, 0xFF}}.covered() == 9);
  CHECK(coverage{urls, {0xFF}}.covered() == 8);
  CHECK(coverage{urls, {}}.bits().size() == 2);
  CHECK(coverage{{}, {0xFF}}.covered() == 0);
}

TEST_CASE("captures of all URLs cover all URLs", "[coverage]") {
  coverage covered{urls};
  for (auto& url : urls)
    CHECK(covered.mark(url));
  CHECK(covered.covered() == urls.size());
}

TEST_CASE("an extremely long capture URL is unmatched", "[coverage]") {
  coverage covered{urls};
  CHECK_FALSE(
    covered.mark("https://shop.example/" + std::string(1 << 20, 'a')));
}
