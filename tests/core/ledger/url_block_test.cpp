#include "core/ledger/url_block.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

url_table round_trip(const std::vector<std::string>& urls) {
  url_packer packer;
  auto block = packer.pack({urls.begin(), urls.end()});
  REQUIRE(block);
  auto result = url_unpacker{}.unpack(*block, urls.size());
  REQUIRE(result);
  return *result;
}

} // namespace

TEST_CASE("a block returns its URLs byte for byte", "[url_block]") {
  std::vector<std::string> many;
  for (int i = 0; i < 5'000; ++i)
    many.push_back("https://shop.example/p/" + std::to_string(i * 7919));
  for (auto& urls : {
         std::vector<std::string>{"https://a.example/"},
         std::vector<std::string>{"x", "y", "x"},
         std::vector<std::string>{std::string{"\0\xFF\r\t", 4}},
         std::vector<std::string>{std::string(8'192, 'u')},
         many,
       })
    CHECK(round_trip(urls) == urls);
}

TEST_CASE("one packer packs many blocks", "[url_block]") {
  url_packer packer;
  for (size_t count : {100u, 1u, 50u}) {
    std::vector<std::string_view> urls(count, "https://a.example/");
    auto block = packer.pack(urls);
    REQUIRE(block);
    CHECK(url_unpacker{}.unpack(*block, count)->size() == count);
  }
}

TEST_CASE("URLs that do not fit on one line are not packed", "[url_block]") {
  url_packer packer;
  CHECK(code_of(packer.pack({""}).error()) == ec::internal);
  CHECK(code_of(packer.pack({"a", "b\nc"}).error()) == ec::internal);
}

TEST_CASE("a damaged block is refused", "[url_block]") {
  url_packer packer;
  url_unpacker unpacker;
  std::vector<std::string_view> urls(100, "https://shop.example/page");
  std::string good{*packer.pack(urls)};
  auto refused = [&](std::string_view block, size_t count) {
    auto result = unpacker.unpack(block, count);
    return !result && code_of(result.error()) == ec::ledger_unusable;
  };
  CHECK(refused(good, 99));
  CHECK(refused(good, 101));
  CHECK(refused("", 1));
  CHECK(refused("no zstd frame at all", 1));
  for (size_t i = 0; i < good.size(); ++i) {
    CAPTURE(i);
    CHECK(refused(good.substr(0, i), 100));
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    auto result = unpacker.unpack(bad, 100);
    if (result) // a bit that zstd ignores
      CHECK(*result == *unpacker.unpack(good, 100));
  }
}

TEST_CASE("a block that claims to be huge is not decompressed", "[url_block]") {
  url_packer packer;
  std::string large(10 << 20, 'u');
  auto bomb = packer.pack({large});
  REQUIRE(bomb);
  CHECK(bomb->size() < 10'000);
  auto result = url_unpacker{}.unpack(*bomb, 1);
  REQUIRE_FALSE(result);
  CHECK_THAT(what_of(result.error()), Catch::Contains("size is impossible"));
}
