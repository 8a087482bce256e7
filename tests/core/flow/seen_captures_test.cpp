#include "core/flow/seen_captures.hpp"
#include "core/model/capture_identity.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sluice;

namespace {

capture_identity id_of(std::string_view id) {
  identity_hasher hasher;
  return hasher.hash(identity_hasher::source::text_id, id);
}

} // namespace

TEST_CASE("a capture is identified by its id and its URL") {
  seen_captures seen{{}, 10};
  auto a = seen.add(id_of("x"), "https://a/1");
  REQUIRE(a);
  CHECK_FALSE(a->shares_id);
  CHECK_FALSE(seen.add(id_of("x"), "https://a/1"));
  CHECK_FALSE(seen.has_shared());
  auto b = seen.add(id_of("x"), "https://a/2");
  REQUIRE(b);
  CHECK(b->shares_id);
  CHECK(b->key != a->key);
  CHECK(seen.has_shared());
  CHECK_FALSE(seen.add(id_of("x"), "https://a/2"));
  CHECK_FALSE(seen.add(id_of("x"), "https://a/1"));
  REQUIRE(seen.add(id_of("x"), ""));
  CHECK_FALSE(seen.add(id_of("x"), ""));
  auto other = seen.add(id_of("y"), "https://a/1");
  REQUIRE(other);
  CHECK_FALSE(other->shares_id);
}

TEST_CASE("captures taken are known after a restart, including shared ids") {
  std::vector<capture_identity> keys;
  {
    seen_captures seen{{}, 10};
    for (auto url : {"https://a/1", "https://a/2", ""})
      for (auto id : {"x", "y"})
        keys.push_back(seen.add(id_of(id), url).value().key);
  }
  seen_captures seen{keys, 10};
  CHECK(seen.has_shared());
  for (auto url : {"https://a/1", "https://a/2", ""})
    for (auto id : {"x", "y"})
      CHECK_FALSE(seen.add(id_of(id), url));
  CHECK(seen.add(id_of("x"), "https://a/3")->shares_id);
  CHECK_FALSE(seen.add(id_of("z"), "https://a/1")->shares_id);
}

TEST_CASE(
  "captures that an older version knew by id alone are not taken again") {
  auto old = id_of("x");
  seen_captures seen{{old}, 10};
  CHECK_FALSE(seen.add(id_of("x"), "https://a/1"));
  CHECK_FALSE(seen.add(id_of("x"), "https://a/2"));
  CHECK_FALSE(seen.add(id_of("x"), ""));
  CHECK_FALSE(seen.has_shared());
  auto fresh = seen.add(id_of("y"), "https://a/1");
  REQUIRE(fresh);
  // Both forms can be used together.
  seen_captures again{{old, fresh->key}, 10};
  CHECK_FALSE(again.add(id_of("x"), "https://a/1"));
  CHECK_FALSE(again.add(id_of("y"), "https://a/1"));
  CHECK(again.add(id_of("y"), "https://a/2")->shares_id);
}

TEST_CASE("a capture's key is the same in every release") {
  // An identity of zeros leaves only the hash of the URL: FNV-1a of "a" and of
  // the empty string, from the reference implementation.
  auto key = [](std::string_view url) {
    return seen_captures{{}, 1}.add({}, url)->key;
  };
  CHECK(key("")
        == capture_identity{0, 0, 0, 0, 0, 0, 0, 0, 0x25, 0x23, 0x22, 0x84,
                            0xe4, 0x9c, 0xf2, 0xcb});
  CHECK(key("a")
        == capture_identity{0, 0, 0, 0, 0, 0, 0, 0, 0x8c, 0xec, 0x01, 0x86,
                            0x4c, 0xdc, 0x63, 0xaf});
}

TEST_CASE("a hundred thousand captures with the same id take little time") {
  seen_captures seen{{}, 10};
  for (int i = 0; i < 100'000; ++i)
    REQUIRE(seen.add(id_of("x"), "https://a/" + std::to_string(i)));
  for (int i = 0; i < 100'000; ++i)
    REQUIRE_FALSE(seen.add(id_of("x"), "https://a/" + std::to_string(i)));
}
