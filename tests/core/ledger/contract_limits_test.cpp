// The contract of every run_store when a start is limited or missing URLs are
// submitted again.

#include "tests/core/ledger/contract_fixture.hpp"

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

CONTRACT_CASE("a URL limit cuts a batch and is named as the reason") {
  contract<TestType> store;
  store.import(3, 4);
  store->limit_submits({6, std::nullopt});
  CHECK(store.next()->urls.size() == 4);
  CHECK(store->limited_by().empty());
  auto part = store.next();
  REQUIRE(part);
  CHECK(part->urls.size() == 2);
  CHECK(part->key > 3);
  CHECK_FALSE(store.next());
  CHECK_THAT(store->limited_by(), Contains("--limit"));
  CHECK(store.left() == 0);
  // A batch that is planned again does not count twice.
  must(store.begin(part->key));
  must(store.settle(part->key, submit_result::replanned));
  CHECK(store.left() == 1);
  CHECK(store.next()->key == part->key);
  store.restart();
  CHECK(store.left() == 4);
}

CONTRACT_CASE("a batch waits for credits that open runs may leave") {
  contract<TestType> store;
  store.import(3, 4);
  store->limit_submits({std::nullopt, credit_budget{10, {}}});
  auto first = store.ended();
  auto second = store.next();
  REQUIRE(second);
  CHECK_FALSE(store.next()); // the batch that is handed out counts
  CHECK_THAT(store->limited_by(), Contains("runs.max_credits (10)"));
  must(store.begin(second->key));
  must(store.settle(second->key, submit_result::rejected, "422"));
  CHECK_FALSE(store.next()->urls.size() < 4); // 6 are left
  store.restart();
  store->limit_submits({std::nullopt, credit_budget{10, {}}});
  must(store.commit_next({first,
                          {"", 1, 4, 0, 0, {0x0F}},
                          {},
                          run_result{run_outcome::completed, "finished", 4}}));
  store.done(3, {0x07});
  CHECK_FALSE(store.next());
}

CONTRACT_CASE("if credits pay for part of a batch, that part is submitted") {
  contract<TestType> store;
  store.import(2, 4);
  store->limit_submits({std::nullopt, credit_budget{6, {}}});
  store.done(4, {0x0F});
  auto part = store.next();
  REQUIRE(part);
  CHECK(part->urls == texts{url_of(1, 0), url_of(1, 1)});
  must(store.begin(part->key));
  must(store.settle(part->key, submit_result::held, "no reply"));
  CHECK_FALSE(store.next()); // its run may exist
  CHECK_THAT(store->limited_by(), Contains("does not cover another run"));
  store.restart();
  store->limit_submits({std::nullopt, credit_budget{8, {}}});
  CHECK(store.next()->urls.size() == 2);
}

CONTRACT_CASE("missing URLs are pooled into runs") {
  contract<TestType> store;
  store.import(3, 4);
  must(store->retry_missing_by(retries(1)));
  store.done(2, {0x03});
  auto second = store.ended();
  store.running();
  CHECK_FALSE(store.next()); // 2 URLs do not fill a run while others may come
  must(store.commit_next({second,
                          {"", 1, 1, 0, 0, {0x01}},
                          {},
                          run_result{run_outcome::completed, "finished", {}}}));
  auto pooled = store.next();
  REQUIRE(pooled);
  CHECK(pooled->urls
        == texts{url_of(0, 2), url_of(0, 3), url_of(1, 1), url_of(1, 2)});
  CHECK(store.report().missing == 0);
  CHECK(store.report().pending == 5 + 4);
}

CONTRACT_CASE("the last missing URLs are submitted once no more can come") {
  contract<TestType> store;
  store.import(1, 4);
  must(store->retry_missing_by(retries(1)));
  store.done(3, {0x07});
  auto rest = store.next();
  REQUIRE(rest);
  CHECK(rest->urls == texts{url_of(0, 3)});
  must(store.begin(rest->key));
  must(store.accept(rest->key, "again"));
  must(store->record_end(rest->key, {}, {}));
  must(store.commit_next({rest->key, {}, {}, run_result{}}));
  CHECK_FALSE(store.next()); // once each
  CHECK(store.report().missing == 1);
}

CONTRACT_CASE("only a run that can have missed its URLs is retried") {
  contract<TestType> store;
  store.import(4, 2);
  must(store->retry_missing_by(retries(1)));
  store.done(0, {}, {run_outcome::lost, "gone", {}});
  store.done(1, {0x01},
             {run_outcome::completed, "finished", 2}); // at its budget
  auto unmatched = store.ended({run_outcome::completed, "finished", {}});
  must(store.commit_next({unmatched,
                          {"", 1, 1, 1, 0, {0x00}},
                          {},
                          run_result{run_outcome::completed, "finished", {}}}));
  store.done(0, {}, {run_outcome::failed, "crash", {}});
  auto again = store.next();
  REQUIRE(again);
  CHECK(again->urls == ledger_fixture::urls_of(3, 2));
  CHECK_FALSE(store.next());
}

CONTRACT_CASE("a changed rule applies to runs that have ended") {
  contract<TestType> store;
  store.import(1, 4);
  must(store->retry_missing_by(retries(0)));
  store.done(3, {0x07});
  CHECK_FALSE(store.next());
  store.restart();
  must(store->retry_missing_by(retries(1)));
  CHECK(store.report().pending == 1);
  must(store->retry_missing_by(retries(0)));
  CHECK(store.report().missing == 1);
  must(store->retry_missing_by(retries(1)));
  CHECK(store.next()->urls == texts{url_of(0, 3)});
}

CONTRACT_CASE("a limit counts URLs of an earlier start that are retried") {
  contract<TestType> store;
  store.import(1, 4);
  must(store->retry_missing_by(retries(1)));
  store.done(2, {0x03});
  store.restart();
  must(store->retry_missing_by(retries(1)));
  store->limit_submits({1, std::nullopt});
  auto part = store.next();
  REQUIRE(part);
  CHECK(part->urls == texts{url_of(0, 2)});
  CHECK_FALSE(store.next());
  CHECK_THAT(store->limited_by(), Contains("--limit"));
}

CONTRACT_CASE("a limit does not count again what this start has submitted") {
  contract<TestType> store;
  store.import(2, 4);
  must(store->retry_missing_by(retries(1)));
  store->limit_submits({4, std::nullopt});
  store.done(2, {0x03});
  auto again = store.next();
  REQUIRE(again);
  CHECK(again->urls == texts{url_of(0, 2), url_of(0, 3)});
  CHECK_FALSE(store.next());
}
