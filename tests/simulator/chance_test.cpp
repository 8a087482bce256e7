#include "simulator/chance.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;

TEST_CASE("a draw depends only on the seed, its purpose and its subject") {
  chance dice{1};
  CHECK(dice.bits(draw::run_length, 5) == chance{1}.bits(draw::run_length, 5));
  CHECK(dice.bits(draw::run_length, 5) != dice.bits(draw::run_length, 6));
  CHECK(dice.bits(draw::run_length, 5) != dice.bits(draw::run_fails, 5));
  CHECK(dice.bits(draw::run_length, 5) != chance{2}.bits(draw::run_length, 5));
}

TEST_CASE("the share of hits over many draws matches the probability") {
  chance dice{1};
  auto probability = GENERATE(0.0, 0.01, 0.5, 1.0);
  int hits = 0;
  for (uint64_t i = 0; i < 100'000; ++i)
    hits += dice.hits(probability, draw::run_fails, i) ? 1 : 0;
  CHECK(hits == Approx(100'000 * probability).margin(400));
}

TEST_CASE("shares are uniform from 0 to below 1") {
  chance dice{9};
  double sum = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    auto share = dice.share(draw::run_length, i);
    REQUIRE(share >= 0);
    REQUIRE(share < 1);
    sum += share;
  }
  CHECK(sum / 10'000 == Approx(0.5).margin(0.02));
}
