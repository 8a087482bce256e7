#include "tests/core/flow/run_listing_fixture.hpp"

using namespace sluice;
using namespace sluice::test;

TEST_CASE_METHOD(run_listing_fixture,
                 "a cursor that repeats restarts the listing twice, then the "
                 "listing is broken") {
  auto run = listing();
  auto circle = [&] {
    CHECK(take(run, {1}, "a") == listing_step::more);
    CHECK(take(run, {2}, "b") == listing_step::more);
    return take(run, {3}, "a");
  };
  CHECK(circle() == listing_step::again);
  CHECK(run.cursor().empty());
  CHECK(circle() == listing_step::again);
  CHECK(circle() == listing_step::broken);
  CHECK_THAT(run.why(), Catch::Contains("cursor"));
  CHECK(run.state().captures == 3);
}

TEST_CASE_METHOD(run_listing_fixture, "a page that names its own cursor as the "
                                      "next is a loop and keeps its captures") {
  auto run = listing();
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(take(run, {2}, "a") == listing_step::again);
  CHECK(fresh_ids() == ids{2});
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "a cursor that repeats ends the listing once the reported count is reached") {
  auto last = GENERATE("a", "b");
  auto run = listing(3);
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(take(run, {2}, "b") == listing_step::more);
  CHECK(take(run, {3}, last) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
}

TEST_CASE_METHOD(run_listing_fixture,
                 "an empty page that names its own cursor ends the listing "
                 "like a page without a cursor") {
  auto run = listing();
  CHECK(take(run, {1, 2}, "a") == listing_step::more);
  CHECK(take(run, {}, "a") == listing_step::done);
  auto short_run = listing(3);
  for (auto end :
       {listing_step::again, listing_step::again, listing_step::done}) {
    CHECK(take(short_run, {1, 2}, "a") == listing_step::more);
    CHECK(take(short_run, {}, "a") == end);
  }
}

TEST_CASE_METHOD(run_listing_fixture,
                 "the number 0 as a cursor ends the listing once the reported "
                 "count is reached") {
  auto run = listing(2);
  CHECK(take(run, {1}, "1") == listing_step::more);
  CHECK(take_zero(run, {2}) == listing_step::done);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "the number 0 as a cursor is followed once while captures may "
                 "be missing and ends the listing if it leads to the start") {
  auto run = listing();
  CHECK(take(run, {1}, "1") == listing_step::more);
  CHECK(take_zero(run, {2}) == listing_step::more);
  CHECK(run.cursor() == "0");
  SECTION("to the start") {
    CHECK(take(run, {1}, "1") == listing_step::done);
  }
  SECTION("to more captures") {
    CHECK(take(run, {3}, "9") == listing_step::more);
    CHECK(take(run, {}, "10") == listing_step::more);
  }
}

TEST_CASE_METHOD(run_listing_fixture,
                 "a dead end sets the run aside after its page unless the "
                 "reported count is reached") {
  auto run = listing();
  CHECK(take_dead_end(run, {1, 2}) == listing_step::set_aside);
  CHECK(fresh_ids() == ids{1, 2});
  CHECK(run.why() == "the next cursor is an object");
  auto short_run = listing(3);
  CHECK(take_dead_end(short_run, {1, 2}) == listing_step::set_aside);
  auto whole = listing(2);
  CHECK(take_dead_end(whole, {1, 2}) == listing_step::done);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "an expired cursor restarts the listing twice") {
  auto run = listing();
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(run.on_expired_cursor() == listing_step::again);
  CHECK(run.cursor().empty());
  CHECK(run.on_expired_cursor() == listing_step::again);
  CHECK(run.on_expired_cursor() == listing_step::broken);
  CHECK_THAT(run.why(), Catch::Contains("cursor"));
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "cursors that expire while captures still arrive do not set the run aside") {
  auto run = listing();
  for (uint8_t i = 1; i <= 10; ++i) {
    CHECK(take(run, {i}, "a" + std::to_string(i)) == listing_step::more);
    CHECK(run.on_expired_cursor() == listing_step::again);
  }
}

TEST_CASE_METHOD(run_listing_fixture,
                 "endless pages without captures set the run aside after three "
                 "times a hundred plus three per URL or capture") {
  auto step = listing_step::more;
  auto empty = listing();
  CHECK(take_barren(empty, step) == 3 * (100 + 3));
  CHECK(step == listing_step::set_aside);
  CHECK_THAT(empty.why(), Catch::Contains("309 pages yielded 0 captures"));

  auto run = listing();
  CHECK(take_endless(run, 50, 5) == listing_step::more);
  CHECK(take_barren(run, step) == 3 * (100 + 50) - 10);
  CHECK(step == listing_step::set_aside);
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "endless pages end the listing once the reported count is reached") {
  auto run = listing(3);
  CHECK(take(run, {1, 2, 3}, "a") == listing_step::more);
  auto step = listing_step::more;
  take_barren(run, step);
  CHECK(step == listing_step::done);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "a restart does not reset the page count") {
  auto before = listing();
  for (auto i = 0; i < 300; ++i)
    CHECK(take(before, {}, "c" + std::to_string(i)) == listing_step::more);
  start.state = before.state();
  auto after = listing();
  auto step = listing_step::more;
  CHECK(take_barren(after, step) == 9);
  CHECK(step == listing_step::set_aside);
}

TEST_CASE_METHOD(
  run_listing_fixture,
  "a listing that is sparse or read three times stays within its bounds") {
  auto run = listing(1'001);
  auto list = [&](int barren_each) {
    for (auto i = 0; i < 1'000; ++i) {
      page_reply page;
      page.captures.add({{0, 1}, unique_identity(static_cast<uint64_t>(i))});
      page.next = "p" + std::to_string(i);
      CHECK(take(run, page) == listing_step::more);
      if (i % barren_each == 0)
        CHECK(take(run, {}, "e" + std::to_string(i)) == listing_step::more);
    }
    return take(run, {});
  };
  SECTION("three listings with one page in eleven empty") {
    CHECK(list(11) == listing_step::again);
    CHECK(list(11) == listing_step::again);
    CHECK(list(11) == listing_step::done);
  }
  SECTION("one listing with every second page empty") {
    CHECK(list(1) == listing_step::again);
  }
}

TEST_CASE_METHOD(run_listing_fixture,
                 "more captures than ten times the possible number plus a "
                 "thousand cause a recount") {
  struct row {
    std::optional<uint64_t> reported, budget;
    uint64_t most;
  };
  auto [reported, budget, most] =
    GENERATE(row{{}, 0, 1'030}, row{2, 0, 1'030}, row{40, 0, 1'400},
             row{2, 50, 1'500}, row{60, 50, 1'600}, row{5, {}, 1'050});
  auto run = listing(reported, budget);
  CHECK(take_endless(run, most, 7) == listing_step::more);
  CHECK(take_endless(run, most + 1) == listing_step::recount);
  SECTION("the same count") {
    CHECK(run.on_recount(reported) == listing_step::set_aside);
    CHECK_THAT(run.why(), Catch::Contains(std::to_string(most + 1)));
  }
  SECTION("no count") {
    CHECK(run.on_recount({}) == listing_step::set_aside);
  }
  SECTION("a count that explains it") {
    CHECK(run.on_recount(most + 1) == listing_step::more);
    CHECK(take(run, {}) == listing_step::done);
  }
  SECTION("a count that is not yet reached") {
    CHECK(run.on_recount(most + 2) == listing_step::more);
    CHECK(take(run, {}) == listing_step::again);
  }
}

TEST_CASE_METHOD(run_listing_fixture, "a run without a budget or a reported "
                                      "count may list any number of captures") {
  auto run = listing({}, std::nullopt);
  CHECK(take_endless(run, 100'000) == listing_step::more);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "a listing that ends may have any number of captures") {
  auto run = listing(2);
  CHECK(take_endless(run, 1'030) == listing_step::more);
  page_reply last;
  for (uint64_t i = 0; i < 1'000; ++i)
    last.captures.add({{0, 1}, unique_identity(5'000 + i)});
  CHECK(take(run, last) == listing_step::done);
}

TEST_CASE_METHOD(run_listing_fixture,
                 "the captures of a download are limited") {
  auto run = listing(2);
  page_reply part;
  for (uint64_t i = 0; i < 1'031; ++i)
    part.captures.add({{0, 1}, unique_identity(i)});
  CHECK(run.on_part(part, false, fresh) == listing_step::recount);
  CHECK(run.on_recount(2) == listing_step::set_aside);
  CHECK(fresh.size() == 1'031);
}
