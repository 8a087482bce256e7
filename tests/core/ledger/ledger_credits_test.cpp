#include "core/db/sqlite.hpp"
#include "tests/core/ledger/limits_fixture.hpp"

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

TEST_CASE_METHOD(
  limits_fixture,
  "a batch waits for credits that open runs may leave, then it is reduced") {
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

TEST_CASE_METHOD(limits_fixture,
                 "the credit limit covers all starts and may be raised") {
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

TEST_CASE_METHOD(limits_fixture, "possible payments count at their maximum") {
  open_imported(5, run_size);
  start_paid(1'000);
  auto held = next();
  begin(*held);
  must(store->settle(held->key, submit_result::held, "timeout", 1));
  auto lost = next();
  accept(*lost);
  end(*lost, 0b0001, run_outcome::lost);
  auto failed = next();
  accept(*failed);
  end(*failed, 0b0001, run_outcome::failed, 3);
  auto refused = next();
  begin(*refused);
  must(store->settle(refused->key, submit_result::split, {}, 1));
  auto sums = must(store->spent());
  CHECK(sums.unsure.batches == 3);
  CHECK(sums.unsure.urls == 12);
  CHECK(sums.captured == 0);
  CHECK(sums.shortfall == 0);
  CHECK(sums.open.urls == 0);
  auto failures = must(store->failed_batches(9));
  REQUIRE(failures.size() == 2);
  CHECK(failures[0].key == lost->key);
  CHECK(failures[0].urls == 3);
  CHECK(failures[0].reason == "ended");
  CHECK(failures[0].robot == lost->robot);
  CHECK(failures[0].submitted_at_ms == 1);
  CHECK(failures[1].run_id == "run_" + std::to_string(failed->key));
  CHECK(failures[1].reason == "failed: ended");
  CHECK(must(store->report()).failed == 6);
  SECTION("held and resubmitted, it may be paid for twice") {
    must(store->resubmit(held->key));
    CHECK(must(store->spent()).unsure.urls == 12);
    start_paid(1'000);
    CHECK(must(store->spent()).unsure.urls == 12);
  }
  SECTION("abandoned, it may still be paid for") {
    must(store->abandon(held->key));
    CHECK(must(store->spent()).unsure.urls == 12);
  }
  SECTION("a batch that is only handed out costs nothing yet") {
    REQUIRE(next());
    CHECK(must(store->spent()).open.urls == 0);
  }
}

TEST_CASE_METHOD(limits_fixture,
                 "a run that did not complete counts at its maximum "
                 "regardless of its report") {
  open_imported(2, run_size);
  start_paid(4);
  auto outcome = GENERATE(run_outcome::failed, run_outcome::stopped);
  auto extracted = GENERATE(as<std::optional<uint64_t>>{}, std::nullopt, 1);
  auto batch = next();
  accept(*batch);
  end(*batch, 0b0001, outcome, extracted);
  CHECK(must(store->spent()).unsure.urls == run_size);
  CHECK_FALSE(next());
  CHECK_FALSE(store->limited_by().empty());
}

TEST_CASE_METHOD(limits_fixture,
                 "failed and resubmitted batches are found through indexes") {
  open_imported(1, run_size);
  store.reset();
  auto db = must(sqlite::database::open(file));
  auto plan_of = [&](const std::string& sql) {
    std::string plan;
    auto row = db->use(("EXPLAIN QUERY PLAN " + sql).c_str());
    while (row.next())
      plan += row.text(3) + "\n";
    must(row.error());
    return plan;
  };
  auto failed = plan_of("SELECT id, run_id FROM batch WHERE state = 'done'"
                        " AND outcome <> 'completed' AND"
                        " url_count - captured - retried - to_retry > 0"
                        " ORDER BY id LIMIT 9");
  CHECK_THAT(failed, Contains("batch_failed") && !Contains("B-TREE"));
  CHECK_THAT(plan_of("SELECT count(*), sum(url_count) FROM batch"
                     " WHERE state = 'split' AND reason IS NOT NULL"),
             Contains("batch_resubmitted"));
}
