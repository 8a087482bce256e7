#include "core/ledger/credit_budget.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

/// A run costs one credit per URL.
const credit_budget by_urls{100, {}};

} // namespace

TEST_CASE("unknown costs count at their maximum") {
  spending sums;
  CHECK(by_urls.fits(sums, 40) == 40);
  CHECK(by_urls.fits(sums, 140) == 100);
  sums.open = {2, 30};
  sums.unsure = {1, 20};
  CHECK(by_urls.fits(sums, 140) == 50);
  CHECK(by_urls.committed(sums) == 50);
  CHECK(by_urls.paid(sums) == 0);
  // The open runs ended with 12 URLs captured, so the rest is free again.
  sums.open = {};
  sums.captured = 12;
  sums.captures = 14;
  CHECK(by_urls.fits(sums, 140) == 68);
  CHECK(by_urls.paid(sums) == 12);
}

TEST_CASE(
  "captures for other URLs and captures that were never listed cost credits") {
  spending sums;
  sums.captured = 10;
  sums.captures = 25;
  sums.unmatched = 3;
  sums.shortfall = 4;
  CHECK(by_urls.paid(sums) == 17);
  credit_budget by_captures{100, {2, false, {}}};
  CHECK(by_captures.paid(sums) == 58);
  CHECK(by_captures.fits(sums, 50) == 21);
}

TEST_CASE("a run with a fixed cost fits whole or not at all") {
  credit_budget budget{100, {2, true, 20}};
  spending sums;
  CHECK(budget.fits(sums, 7) == 7);
  CHECK(budget.fits(sums, 70) == 70);
  sums.open = {1, 7};
  CHECK(budget.fits(sums, 7) == 7);
  sums.unsure = {1, 1};
  CHECK(budget.committed(sums) == 80);
  CHECK(budget.fits(sums, 1) == 0);
}

TEST_CASE("the credits already spent may exceed the budget") {
  spending sums;
  sums.captured = 400;
  CHECK(by_urls.fits(sums, 1) == 0);
  CHECK(by_urls.committed(sums) == 400);
}

TEST_CASE("the units that fit in the budget are counted exactly") {
  spending sums;
  CHECK(credit_budget{1, {0.1, true, {}}}.fits(sums, 100) == 10);
  CHECK(credit_budget{3, {0.3, true, {}}}.fits(sums, 100) == 10);
  CHECK(credit_budget{7, {2, true, {}}}.fits(sums, 100) == 3);
  CHECK(credit_budget{1, {2, true, {}}}.fits(sums, 100) == 0);
  CHECK(credit_budget{1'000'000'000'000, {1e-9, true, {}}}.fits(sums, 100)
        == 100);
}
