#include "core/ledger/retry_pools.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

retry_pool of_rule(const std::string& robot, bool own = false) {
  return {robot, 0, 1, batch_state::done, own};
}

retry_pool of_decision(const std::string& robot) {
  return {robot, 1, 0, batch_state::rejected, false};
}

} // namespace

TEST_CASE("a pool of the rule is ready once it has enough URLs", "[retry]") {
  retry_pools pools;
  pools.add(of_rule("a"), 7, 3);
  CHECK(pools.ready(false, 4) == nullptr);
  pools.add(of_rule("a"), 5, 1);
  REQUIRE(pools.ready(false, 4) != nullptr);
  CHECK(*pools.ready(false, 4) == of_rule("a"));
  CHECK(pools.first_batch(of_rule("a")) == 5);
}

TEST_CASE("a pool of a decision is ready with any URL", "[retry]") {
  retry_pools pools;
  CHECK_FALSE(pools.has_decided());
  pools.add(of_rule("a"), 1, 3);
  pools.add(of_decision("b"), 2, 1);
  CHECK(pools.has_decided());
  REQUIRE(pools.ready(false, 100) != nullptr);
  CHECK(*pools.ready(false, 100) == of_decision("b"));
}

TEST_CASE("a process's own URLs and others form separate pools", "[retry]") {
  retry_pools pools;
  pools.add(of_rule("a", true), 1, 5);
  CHECK(pools.ready(false, 1) == nullptr);
  REQUIRE(pools.ready(true, 5) != nullptr);
  CHECK(pools.ready(true, 5)->own);
}

TEST_CASE("URLs that are taken no longer wait", "[retry]") {
  retry_pools pools;
  pools.add(of_rule("a"), 1, 5);
  pools.add(of_rule("a"), 2, 5);
  pools.take(of_rule("a"), 7, 2);
  CHECK(pools.first_batch(of_rule("a")) == 2);
  CHECK(pools.ready(false, 4) == nullptr);
  REQUIRE(pools.ready(false, 3) != nullptr);
  pools.take(of_rule("a"), 3, 2);
  CHECK(pools.ready(false, 0) == nullptr);
  CHECK(pools.first_batch(of_rule("a")) == 0);
}
