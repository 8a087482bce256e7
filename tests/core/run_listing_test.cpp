#include "core/run_listing.hpp"
#include "tests/core/page_maker.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <vector>

using namespace sluice;
using test::page_maker;

namespace {

page_reply page_of(std::initializer_list<uint8_t> ids) {
  page_maker made;
  for (auto id : ids)
    made.add({{id, id + size_t{1}}, {0, 0, 0, id}},
             "https://a/" + std::to_string(id));
  return made.page();
}

/// Of a run of three URLs.
struct fixture {
  paging_start start{{"https://a/1", "https://a/2", "https://a/3"}, {}, {}};
  std::vector<capture_span> fresh;

  run_listing listing(std::optional<uint64_t> expected = {},
                      std::optional<uint64_t> budget = 0) {
    return {start, expected, budget};
  }

  /// Takes a page and returns the ids of its fresh captures in `fresh_ids`.
  listing_step take(run_listing& listing, std::initializer_list<uint8_t> ids,
                    std::optional<page_cursor> next = {}) {
    auto page = page_of(ids);
    page.next = std::move(next);
    return take(listing, page);
  }

  listing_step take(run_listing& listing, const page_reply& page) {
    fresh.clear();
    return listing.on_page(page, fresh);
  }

  /// A page that ends with the number 0 as its cursor.
  listing_step
  take_zero(run_listing& listing, std::initializer_list<uint8_t> ids) {
    auto page = page_of(ids);
    page.next = "0";
    page.next_is_zero = true;
    return take(listing, page);
  }

  listing_step
  take_dead_end(run_listing& listing, std::initializer_list<uint8_t> ids) {
    auto page = page_of(ids);
    page.dead_end = "the next cursor is an object";
    return take(listing, page);
  }

  /// Takes pages of `per_page` captures never seen, up to `most` captures, and
  /// says how it goes on after the last one.
  listing_step
  take_endless(run_listing& listing, uint64_t most, uint32_t per_page = 1'000) {
    auto step = listing_step::more;
    while (step == listing_step::more && listing.state().captures < most) {
      page_reply page;
      auto count = std::min<uint64_t>(per_page, most - unique_);
      for (uint64_t i = 0; i < count; ++i)
        page.captures.add({{0, 1}, unique_identity(++unique_)});
      page.next = "c" + std::to_string(unique_);
      step = take(listing, page);
    }
    return step;
  }

  /// Takes pages that have no capture, as long as there is a next one; returns
  /// how many.
  unsigned take_barren(run_listing& listing, listing_step& step) {
    auto pages = 0U;
    for (step = listing_step::more; step == listing_step::more; ++pages)
      step = take(listing, {}, "b" + std::to_string(++cursor_));
    return pages;
  }

  std::vector<size_t> fresh_ids() const {
    std::vector<size_t> ids;
    for (auto& span : fresh)
      ids.push_back(span.begin);
    return ids;
  }

  static capture_identity unique_identity(uint64_t number) {
    capture_identity id{};
    id[15] = 1;
    std::memcpy(id.data(), &number, sizeof number);
    return id;
  }

  uint64_t unique_ = 0;
  unsigned cursor_ = 0;
};

using ids = std::vector<size_t>;

} // namespace

TEST_CASE_METHOD(fixture, "a listing follows its cursors to the last page") {
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

TEST_CASE_METHOD(fixture, "a download begins at its start, and its parts end "
                          "with the count of the run") {
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

TEST_CASE_METHOD(fixture, "cursors that expire over restarts are no dead end "
                          "while each listing comes further") {
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

TEST_CASE_METHOD(fixture, "a download that stays short is a shortfall after "
                          "two repetitions") {
  auto run = listing(3);
  for (auto step :
       {listing_step::again, listing_step::again, listing_step::done})
    CHECK(run.on_part(page_of({1, 2}), true, fresh) == step);
}

TEST_CASE_METHOD(fixture, "what overlapping pages repeat is dropped and "
                          "counted") {
  auto run = listing();
  CHECK(take(run, {1, 2}, "a") == listing_step::more);
  CHECK(take(run, {2, 3, 3}) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
  CHECK(run.state().captures == 3);
  CHECK(run.state().repeated == 2);
}

TEST_CASE_METHOD(fixture, "one id for two URLs loses no capture and is "
                          "reported once") {
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
  // After a restart it is known which were taken, and that ids are shared.
  run_listing later{{start.urls, {}, keys}, {}, 0};
  CHECK(take(later, page(1, {1, 2, 3, 4}, {})) == listing_step::done);
  CHECK(fresh_ids() == ids{4});
  CHECK_FALSE(later.take_shared_id());
}

TEST_CASE_METHOD(fixture, "a listing that an older version began goes on "
                          "without a capture twice") {
  start.seen = {{0, 0, 0, 1}, {0, 0, 0, 2}};
  auto run = listing();
  CHECK(take(run, {1, 2, 3}) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
  CHECK(run.state().repeated == 2);
}

TEST_CASE_METHOD(fixture, "what cannot be read is missing where no count says "
                          "otherwise") {
  auto step_after = [&](std::optional<uint64_t> expected) {
    auto run = listing(expected);
    run.set_unreadable(true);
    return run.on_part(page_of({1, 2}), true, fresh);
  };
  CHECK(step_after({}) == listing_step::again);
  CHECK(step_after(3) == listing_step::again);
  CHECK(step_after(2) == listing_step::done);
}

TEST_CASE_METHOD(fixture, "captures of no URL of the run are kept as extras") {
  auto run = listing();
  CHECK(take(run, {1, 9}) == listing_step::done);
  CHECK(fresh_ids() == ids{1, 9});
  CHECK(run.state().extras == 1);
  CHECK(run.covered() == 1);
  CHECK(run.state().covered == coverage_bits{1});
}

TEST_CASE_METHOD(fixture, "missing captures are listed again twice, then the "
                          "shortfall stands") {
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

TEST_CASE_METHOD(fixture, "late captures of a bare array come with its second "
                          "listing") {
  auto run = listing(3);
  CHECK(take(run, {1, 2}) == listing_step::again);
  CHECK(fresh_ids() == ids{1, 2});
  CHECK(take(run, {1, 2, 3}) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
}

TEST_CASE_METHOD(fixture, "a run that does not tell its captures is done at "
                          "the last page") {
  auto run = listing();
  CHECK(take(run, {}) == listing_step::done);
}

TEST_CASE_METHOD(fixture, "more captures than reported are no reason to list "
                          "again") {
  auto run = listing(1);
  CHECK(take(run, {1, 2, 3}) == listing_step::done);
}

TEST_CASE_METHOD(fixture, "a cursor that comes a second time starts the "
                          "listing again, the third time it is broken") {
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

TEST_CASE_METHOD(fixture, "a page that names its own cursor as the next is a "
                          "circle, too, and keeps its captures") {
  auto run = listing();
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(take(run, {2}, "a") == listing_step::again);
  CHECK(fresh_ids() == ids{2});
}

TEST_CASE_METHOD(fixture, "a cursor that repeats is the end once all that was "
                          "reported is there") {
  auto last = GENERATE("a", "b");
  auto run = listing(3);
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(take(run, {2}, "b") == listing_step::more);
  CHECK(take(run, {3}, last) == listing_step::done);
  CHECK(fresh_ids() == ids{3});
}

TEST_CASE_METHOD(fixture, "an empty page that names its own cursor ends the "
                          "listing as one without a cursor does") {
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

TEST_CASE_METHOD(fixture, "the number 0 as a cursor is the end once all that "
                          "was reported is there") {
  auto run = listing(2);
  CHECK(take(run, {1}, "1") == listing_step::more);
  CHECK(take_zero(run, {2}) == listing_step::done);
}

TEST_CASE_METHOD(fixture, "the number 0 as a cursor is followed while captures "
                          "may be missing, once, and ends where it leads to "
                          "the start") {
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

TEST_CASE_METHOD(fixture, "a dead end sets the run aside after its page, "
                          "unless all that was reported is there") {
  auto run = listing();
  CHECK(take_dead_end(run, {1, 2}) == listing_step::set_aside);
  CHECK(fresh_ids() == ids{1, 2});
  CHECK(run.why() == "the next cursor is an object");
  auto short_run = listing(3);
  CHECK(take_dead_end(short_run, {1, 2}) == listing_step::set_aside);
  auto whole = listing(2);
  CHECK(take_dead_end(whole, {1, 2}) == listing_step::done);
}

TEST_CASE_METHOD(fixture, "an expired cursor starts the listing again, twice") {
  auto run = listing();
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(run.on_expired_cursor() == listing_step::again);
  CHECK(run.cursor().empty());
  CHECK(run.on_expired_cursor() == listing_step::again);
  CHECK(run.on_expired_cursor() == listing_step::broken);
  CHECK_THAT(run.why(), Catch::Contains("cursor"));
}

TEST_CASE_METHOD(fixture, "cursors that expire while captures still come are "
                          "no dead end") {
  auto run = listing();
  for (uint8_t i = 1; i <= 10; ++i) {
    CHECK(take(run, {i}, "a" + std::to_string(i)) == listing_step::more);
    CHECK(run.on_expired_cursor() == listing_step::again);
  }
}

TEST_CASE_METHOD(fixture, "pages without captures and without an end set the "
                          "run aside after three times a hundred, and three "
                          "for each URL or capture") {
  auto step = listing_step::more;
  auto empty = listing();
  CHECK(take_barren(empty, step) == 3 * (100 + 3));
  CHECK(step == listing_step::set_aside);
  CHECK_THAT(empty.why(), Catch::Contains("309 of them brought 0 captures"));

  auto run = listing();
  CHECK(take_endless(run, 50, 5) == listing_step::more);
  CHECK(take_barren(run, step) == 3 * (100 + 50) - 10);
  CHECK(step == listing_step::set_aside);
}

TEST_CASE_METHOD(fixture, "pages without an end are the end once all that was "
                          "reported is there") {
  auto run = listing(3);
  CHECK(take(run, {1, 2, 3}, "a") == listing_step::more);
  auto step = listing_step::more;
  take_barren(run, step);
  CHECK(step == listing_step::done);
}

TEST_CASE_METHOD(fixture, "a restart does not begin to count pages anew") {
  auto before = listing();
  for (auto i = 0; i < 300; ++i)
    CHECK(take(before, {}, "c" + std::to_string(i)) == listing_step::more);
  start.state = before.state();
  auto after = listing();
  auto step = listing_step::more;
  CHECK(take_barren(after, step) == 9);
  CHECK(step == listing_step::set_aside);
}

TEST_CASE_METHOD(fixture, "a listing that is sparse or is read three times is "
                          "within its bounds") {
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
  SECTION("three listings, a page in eleven empty") {
    CHECK(list(11) == listing_step::again);
    CHECK(list(11) == listing_step::again);
    CHECK(list(11) == listing_step::done);
  }
  SECTION("one listing, every second page empty") {
    CHECK(list(1) == listing_step::again);
  }
}

TEST_CASE_METHOD(fixture, "more captures than ten times what a run can have "
                          "and a thousand are a reason to ask again") {
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
  SECTION("the same again") {
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
  SECTION("a count that is not reached yet") {
    CHECK(run.on_recount(most + 2) == listing_step::more);
    CHECK(take(run, {}) == listing_step::again);
  }
}

TEST_CASE_METHOD(fixture, "a run without a budget that reports no count has as "
                          "many captures as it lists") {
  auto run = listing({}, std::nullopt);
  CHECK(take_endless(run, 100'000) == listing_step::more);
}

TEST_CASE_METHOD(fixture, "a listing that ends by itself may have any number "
                          "of captures") {
  auto run = listing(2);
  CHECK(take_endless(run, 1'030) == listing_step::more);
  page_reply last;
  for (uint64_t i = 0; i < 1'000; ++i)
    last.captures.add({{0, 1}, unique_identity(5'000 + i)});
  CHECK(take(run, last) == listing_step::done);
}

TEST_CASE_METHOD(fixture, "the captures of a download are bounded, too") {
  auto run = listing(2);
  page_reply part;
  for (uint64_t i = 0; i < 1'031; ++i)
    part.captures.add({{0, 1}, unique_identity(i)});
  CHECK(run.on_part(part, false, fresh) == listing_step::recount);
  CHECK(run.on_recount(2) == listing_step::set_aside);
  CHECK(fresh.size() == 1'031);
}

TEST_CASE_METHOD(fixture, "identities are handed over once, for each cut its "
                          "own") {
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

TEST_CASE_METHOD(fixture, "a listing resumed from its state goes on as if it "
                          "had never stopped") {
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
