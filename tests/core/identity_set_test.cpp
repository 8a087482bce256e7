#include "core/identity_set.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace sluice;

namespace {

/// Of few enough values that they repeat, and that their slots collide.
capture_identity some_identity(std::mt19937& random) {
  capture_identity result{};
  result[0] = static_cast<uint8_t>(random() % 8);
  result[15] = static_cast<uint8_t>(random() % 200);
  return result;
}

} // namespace

TEST_CASE("a set of identities knows what was inserted, and nothing else") {
  std::mt19937 random{11};
  std::set<capture_identity> expected;
  identity_set seen;
  if (GENERATE(false, true))
    seen.reserve(700);
  for (auto i = 0; i < 5'000; ++i) {
    auto identity = some_identity(random);
    CHECK(seen.insert(identity) == expected.insert(identity).second);
    CHECK(seen.size() == expected.size());
  }
}

TEST_CASE("the identity of zeros is one like any other") {
  identity_set seen;
  CHECK(seen.insert({}));
  CHECK_FALSE(seen.insert({}));
  CHECK(seen.insert({1}));
  CHECK_FALSE(seen.insert({}));
  CHECK(seen.size() == 2);
}
