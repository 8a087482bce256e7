#include "tests/core/ledger/limits_fixture.hpp"

#include <random>
#include <set>

using namespace sluice;
using namespace sluice::test;

TEST_CASE_METHOD(limits_fixture, "starts with a limit take the list in order") {
  open_imported(4, run_size);
  start(6);
  CHECK(submit_all() == urls_from(0, 6));
  CHECK(store->limited_by() == "this start has submitted its 6 URLs (--limit)");
  CHECK(must(store->planned_left()) == 0);
  auto numbers = must(store->report());
  CHECK(numbers.captured == 6);
  CHECK(numbers.pending == 10);
  CHECK(numbers.total() == 16);
  start(1);
  CHECK(submit_all() == urls_from(6, 7));
  start(7);
  CHECK(submit_all() == urls_from(7, 14));
  SECTION("a limit of all remaining URLs or more is a normal start") {
    start(GENERATE(2, 3));
    CHECK(submit_all() == urls_from(14, 16));
    CHECK(store->limited_by().empty());
    CHECK(must(store->report()).captured == 16);
  }
  SECTION("a start without a limit takes the rest") {
    start({});
    CHECK(submit_all() == urls_from(14, 16));
    CHECK(store->limited_by().empty());
  }
}

TEST_CASE_METHOD(limits_fixture,
                 "a batch that was reduced but not submitted is "
                 "planned in its place at the next start") {
  open_imported(3, run_size);
  start(6);
  CHECK(next()->urls == urls_of(0, run_size));
  auto part = next();
  CHECK(part->urls == urls_from(4, 6));
  CHECK_FALSE(next());
  // A kill between the reduction and the submit, so nothing was begun.
  start({});
  CHECK(must(store->report()).pending == 12);
  auto all = submit_all();
  CHECK(std::set(all.begin(), all.end()).size() == 12);
  CHECK(all.size() == 12);
  CHECK(must(store->report()).bought == 12);
}

TEST_CASE_METHOD(limits_fixture,
                 "resubmits after a refusal and halves do not count again") {
  open_imported(3, run_size);
  start(6);
  auto first = next();
  begin(*first);
  must(store->settle(first->key, submit_result::replanned, {}, 1));
  auto again = next();
  REQUIRE(again);
  CHECK(again->key == first->key);
  begin(*again);
  must(store->settle(again->key, submit_result::split, {}, 1));
  auto half = next();
  REQUIRE(half);
  CHECK(half->urls.size() == 2);
  accept(*half);
  auto part = next();
  accept(*part);
  auto last = next();
  REQUIRE(last);
  CHECK(last->urls.size() == 2); // the limit's sixth URL
  begin(*last);
  CHECK_FALSE(next());
  must(store->settle(last->key, submit_result::replanned, {}, 1));
  CHECK(must(store->planned_left()) == 1);
  again = next();
  REQUIRE(again);
  CHECK(again->key == last->key);
  CHECK(must(store->planned_left()) == 0);
  begin(*again);
  must(store->settle(again->key, submit_result::split, {}, 1));
  CHECK(must(store->planned_left()) == 2);
  CHECK(next()->urls.size() == 1);
  CHECK(next()->urls.size() == 1);
  CHECK_FALSE(next());
  CHECK_FALSE(store->limited_by().empty());
}

TEST_CASE_METHOD(limits_fixture,
                 "a submit repeated with its key does not count") {
  open_imported(3, run_size);
  start({});
  auto batch = next();
  begin(*batch, submit_ticket{"key", {}, 1});
  start(2);
  auto repeat = next();
  REQUIRE(repeat);
  CHECK(repeat->ticket);
  CHECK(repeat->key == batch->key);
  auto part = next();
  REQUIRE(part);
  CHECK(part->urls.size() == 2);
  CHECK_FALSE(next());
}

TEST_CASE_METHOD(limits_fixture,
                 "retries of this start's URLs are within its limit "
                 "and those of earlier URLs count") {
  open_imported(4, run_size);
  start(4, {}, 1);
  auto batch = next();
  accept(*batch);
  end(*batch, 0b0011);
  auto retry = next();
  REQUIRE(retry);
  CHECK(retry->urls == urls_from(2, 4));
  accept(*retry);
  end(*retry, 0b11);
  CHECK_FALSE(next());
  CHECK_FALSE(store->limited_by().empty());
  CHECK(must(store->report()).captured == 4);

  // The next start ends before its retries are planned.
  start(4, {}, 1);
  batch = next();
  accept(*batch);
  end(*batch, 0b0001);
  // The list goes before its three missing URLs. They count in another start.
  start(9, {}, 1);
  auto taken = submit_all();
  auto wanted = urls_from(8, 16);
  wanted.push_back(url(5));
  CHECK(taken == wanted);
  CHECK(must(store->report()).pending == 2);
  CHECK_FALSE(store->limited_by().empty());
  start({}, {}, 1);
  CHECK(submit_all() == urls_from(6, 8));
}

TEST_CASE_METHOD(limits_fixture, "URLs that the user submits again count") {
  open_imported(1, run_size);
  start({});
  auto batch = next();
  accept(*batch);
  end(*batch, 0b0011);
  CHECK_FALSE(next());
  start(1);
  retry_kinds kinds;
  kinds.missing = true;
  CHECK(must(store->begin_round(kinds, 1)).taken.total() == 2);
  CHECK(submit_all() == urls_from(2, 3));
  CHECK_FALSE(store->limited_by().empty());
  start({});
  CHECK(submit_all() == urls_from(3, 4));
}

TEST_CASE_METHOD(limits_fixture,
                 "each start with a limit submits exactly that many "
                 "URLs and none is lost or submitted twice") {
  std::mt19937 random{GENERATE(1, 2, 3, 4, 5)};
  constexpr size_t batches = 30;
  open_imported(batches, run_size);
  size_t left = batches * run_size;
  std::multiset<std::string> accepted;
  while (left > 0) {
    auto limit = 1 + random() % 25;
    start(limit);
    size_t counted = 0;
    std::set<std::string> begun; // by this start
    auto killed = random() % 3 == 0;
    while (auto batch = next()) {
      if (killed && random() % 4 == 0)
        break;
      begin(*batch);
      for (auto one : batch->urls)
        counted += begun.emplace(one).second ? 1 : 0;
      auto fate = random() % 6;
      if (fate == 0) {
        must(store->settle(batch->key, submit_result::replanned, {}, 1));
      } else if (fate == 1 && batch->urls.size() > 1) {
        must(store->settle(batch->key, submit_result::split, {}, 1));
      } else {
        must(store->settle(batch->key, submit_result::accepted,
                           "run_" + std::to_string(batch->key), 1));
        for (auto one : batch->urls)
          accepted.emplace(one);
      }
    }
    if (!killed)
      CHECK(counted == std::min<size_t>(limit, left));
    CHECK(counted <= limit);
    left = batches * run_size - accepted.size();
    CHECK(must(store->report()).bought == accepted.size());
  }
  CHECK(std::set<std::string>(accepted.begin(), accepted.end()).size()
        == accepted.size());
}

TEST_CASE_METHOD(limits_fixture, "nothing from an undone group is handed out") {
  open_imported(1, run_size);
  start(run_size);
  must(store->begin_group());
  auto batch = next();
  begin(*batch);
  must(store->settle(batch->key, submit_result::split, {}, 1));
  run_progress not_there;
  not_there.batch = batch->key;
  not_there.done = run_result{};
  auto undone = store->commit({1, {}, {not_there}, {}});
  REQUIRE(undone);
  auto taken = store->next_planned();
  REQUIRE_FALSE(taken);
  CHECK(taken.error() == undone);
  CHECK(store->end_group() == undone);
}
