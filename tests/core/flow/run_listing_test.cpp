#include "tests/core/flow/run_listing_fixture.hpp"

using namespace sluice;
using namespace sluice::test;

TEST_CASE_METHOD(run_listing_fixture,
                 "a listing follows its cursors to the last page") {
  auto run = listing(3);
  CHECK(run.cursor().empty());
  CHECK(take(run, {1, 2}, "a") == listing_step::more);
  CHECK(run.cursor() == "a");
  CHECK(take(run, {}, "b") == listing_step::more);
  CHECK(take(run, {3}) == listing_step::done);
  CHECK(run.state().captures == 3);
  CHECK(run.state().next_page == 3);
  CHECK(run.covered() == 3);
}

TEST_CASE_METHOD(run_listing_fixture, "a download begins at its start and ends "
                                      "when its parts reach the run's count") {
  auto run = listing(3);
  auto part = [&](std::initializer_list<uint8_t> ids, bool last) {
    fresh.clear();
    return run.on_part(page_of(ids), last, fresh);
  };
  CHECK(part({1}, false) == listing_step::more);
  CHECK(run.cursor().empty());
  CHECK(part({2}, true) == listing_step::again);
  CHECK(part({1, 2}, false) == listing_step::more);
  CHECK(fresh.empty());
  CHECK(part({3}, true) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
  CHECK(run.state().next_page == 4);
  CHECK(run.state().repeated == 2);
  CHECK(run.state().listings == 0);
}

TEST_CASE_METHOD(run_listing_fixture, "cursors that expire across restarts do "
                                      "not end a listing that makes progress") {
  for (uint8_t id = 1; id < 9; ++id) {
    auto run = listing();
    CHECK(run.on_expired_cursor() == listing_step::again);
    CHECK(run.on_expired_cursor() == listing_step::again);
    CHECK(take(run, {id}, "next") == listing_step::more);
    start.state = run.state();
    for (auto& key : run.take_new_identities())
      start.seen.push_back(key);
  }
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "a download that stays short ends as a shortfall after two repetitions") {
  auto run = listing(3);
  for (auto step :
       {listing_step::again, listing_step::again, listing_step::done})
    CHECK(run.on_part(page_of({1, 2}), true, fresh) == step);
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "captures that overlapping pages repeat are dropped and counted") {
  auto run = listing();
  CHECK(take(run, {1, 2}, "a") == listing_step::more);
  CHECK(take(run, {2, 3, 3}) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
  CHECK(run.state().captures == 3);
  CHECK(run.state().repeated == 2);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "two URLs with the same id lose no capture and are reported "
                 "once") {
  auto run = listing();
  auto page = [](uint8_t id, std::initializer_list<uint8_t> urls,
                 std::optional<page_cursor> next) {
    page_maker made;
    for (auto url : urls)
      made.add({{url, url + size_t{1}}, {id}, {}, {url, url + size_t{3}}},
               "https://a/" + std::to_string(url));
    auto result = made.page();
    result.next = std::move(next);
    return result;
  };
  CHECK(take(run, page(1, {1}, "a")) == listing_step::more);
  CHECK_FALSE(run.take_shared_id());
  CHECK(take(run, page(1, {1, 2, 3}, "b")) == listing_step::more);
  CHECK(fresh_ids() == ids{2, 3});
  CHECK(run.covered() == 3);
  auto id = run.take_shared_id();
  REQUIRE(id);
  CHECK(id->begin == 2);
  CHECK(id->end == 5);
  CHECK(take(run, page(2, {1, 2}, "c")) == listing_step::more);
  CHECK_FALSE(run.take_shared_id());
  auto keys = run.take_new_identities();
  CHECK(keys.size() == 5);
  // After a restart, the captures taken and the shared ids are known.
  run_listing later{{start.urls, {}, keys}, {}, 0};
  CHECK(take(later, page(1, {1, 2, 3, 4}, {})) == listing_step::done);
  CHECK(fresh_ids() == ids{4});
  CHECK_FALSE(later.take_shared_id());
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "a listing begun by an older version resumes without duplicates") {
  start.seen = {{0, 0, 0, 1}, {0, 0, 0, 2}};
  auto run = listing();
  CHECK(take(run, {1, 2, 3}) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
  CHECK(run.state().repeated == 2);
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "unreadable captures count as missing unless the run's count is reached") {
  auto step_after = [&](std::optional<uint64_t> expected) {
    auto run = listing(expected);
    run.set_unreadable(true);
    return run.on_part(page_of({1, 2}), true, fresh);
  };
  CHECK(step_after({}) == listing_step::again);
  CHECK(step_after(3) == listing_step::again);
  CHECK(step_after(2) == listing_step::done);
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "captures that match no URL of the run are kept as unmatched") {
  auto run = listing();
  CHECK(take(run, {1, 9}) == listing_step::done);
  CHECK(fresh_ids() == ids{1, 9});
  CHECK(run.state().unmatched == 1);
  CHECK(run.covered() == 1);
  CHECK(run.state().covered == coverage_bits{1});
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "missing captures are listed again twice, then the run ends as a shortfall") {
  auto run = listing(3);
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(take(run, {2}) == listing_step::again);
  CHECK(run.cursor().empty());
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(fresh_ids().empty());
  CHECK(take(run, {2}) == listing_step::again);
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(take(run, {2}) == listing_step::done);
  CHECK(run.state().captures == 2);
  CHECK(run.state().repeated == 4);
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "late captures of a bare array are found in the second listing") {
  auto run = listing(3);
  CHECK(take(run, {1, 2}) == listing_step::again);
  CHECK(fresh_ids() == ids{1, 2});
  CHECK(take(run, {1, 2, 3}) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
}

TEST_CASE_METHOD(run_listing_fixture,
                 "a run without a capture count is done after the last page") {
  auto run = listing();
  CHECK(take(run, {}) == listing_step::done);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "more captures than reported do not cause another listing") {
  auto run = listing(1);
  CHECK(take(run, {1, 2, 3}) == listing_step::done);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "identities are returned once, at the next checkpoint") {
  auto run = listing();
  CHECK(take(run, {1, 2}, "a") == listing_step::more);
  CHECK(run.take_new_identities().size() == 2);
  CHECK(run.take_new_identities().empty());
  CHECK(take(run, {2, 3}) == listing_step::done);
  auto latest = run.take_new_identities();
  REQUIRE(latest.size() == 1);
  auto whole = page_of({3}).captures[0];
  CHECK(latest[0]
        == seen_captures{{}, 1}.add(whole.identity, "https://a/3")->key);
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "a listing resumed from its state continues as if it had never stopped") {
  auto before = listing(3);
  CHECK(take(before, {1, 2}, "a") == listing_step::more);
  start.state = before.state();
  start.seen = before.take_new_identities();
  auto after = listing(3);
  CHECK(after.cursor() == "a");
  CHECK(after.covered() == 2);
  CHECK(take(after, {2, 3}) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
  CHECK(after.state().captures == 3);
  CHECK(after.state().next_page == 2);
  CHECK(after.covered() == 3);
}
