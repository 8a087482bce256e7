#include "tests/core/limits_fixture.hpp"

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

namespace {

using fixture = limits_fixture;

} // namespace

TEST_CASE_METHOD(fixture, "a batch waits for the credits that open runs may "
                          "leave, then it is cut") {
  open_imported(3, run_size);
  start_paid(10);
  auto first = next();
  auto second = next();
  REQUIRE(second);
  CHECK_FALSE(next());
  CHECK_THAT(store->limited_by(), Contains("runs.max_credits (10)"));
  accept(*first);
  accept(*second);
  CHECK_FALSE(next());
  end(*first, 0b1111);
  CHECK_FALSE(next());
  end(*second, 0b0111);
  auto rest = next();
  REQUIRE(rest);
  CHECK(rest->urls == urls_from(8, 11));
  accept(*rest);
  end(*rest, 0b101);
  rest = next();
  REQUIRE(rest);
  CHECK(rest->urls == urls_from(11, 12));
  accept(*rest);
  end(*rest, 0b1);
  CHECK_FALSE(next());
  CHECK(store->limited_by().empty()); // nothing is pending
  CHECK(must(store->report()).captured == 10);
}

TEST_CASE_METHOD(fixture, "credits count over all starts, and may be raised") {
  open_imported(3, run_size);
  start_paid(6);
  CHECK(submit_all() == urls_from(0, 6));
  start_paid(6);
  CHECK(submit_all().empty());
  CHECK_FALSE(store->limited_by().empty());
  start_paid(9);
  CHECK(submit_all() == urls_from(6, 9));
  start_paid(500);
  CHECK(submit_all() == urls_from(9, 12));
  CHECK(store->limited_by().empty());
}

TEST_CASE_METHOD(fixture, "whatever may have been paid counts at its most") {
  open_imported(5, run_size);
  start_paid(1'000);
  auto held = next();
  begin(*held);
  must(store->hold(held->key, "timeout"));
  auto lost = next();
  accept(*lost);
  end(*lost, 0b0001, run_outcome::lost);
  auto failed = next();
  accept(*failed);
  end(*failed, 0b0001, run_outcome::failed, 3);
  auto refused = next();
  begin(*refused);
  must(store->split(refused->key));
  auto sums = must(store->spent());
  CHECK(sums.unsure.batches == 2);
  CHECK(sums.unsure.urls == 8);
  CHECK(sums.captured == 1);
  CHECK(sums.shortfall == 2);
  CHECK(sums.open.urls == 0);
  auto failures = must(store->failed_batches(9));
  REQUIRE(failures.size() == 2);
  CHECK(failures[0].key == lost->key);
  CHECK(failures[0].urls == 3);
  CHECK(failures[0].reason == "ended");
  CHECK(failures[1].run_id == "run_" + std::to_string(failed->key));
  CHECK(failures[1].reason == "failed: ended");
  CHECK(must(store->report()).failed == 6);
  SECTION("held and submitted again, it may be paid twice") {
    must(store->resubmit(held->key));
    CHECK(must(store->spent()).unsure.urls == 8);
    start_paid(1'000);
    CHECK(must(store->spent()).unsure.urls == 8);
  }
  SECTION("abandoned, it may be paid all the same") {
    must(store->abandon(held->key));
    CHECK(must(store->spent()).unsure.urls == 8);
  }
  SECTION("what is handed out is as good as submitted") {
    REQUIRE(next());
    CHECK(must(store->spent()).open.urls == 2);
  }
}
