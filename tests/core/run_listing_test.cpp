#include "core/run_listing.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sluice;

namespace {

capture_list captures(std::initializer_list<uint8_t> ids) {
  capture_list result;
  for (auto id : ids)
    result.add(
      {{id, id + size_t{1}}, {0, 0, 0, id}, "https://a/" + std::to_string(id)});
  return result;
}

/// Of a run of three URLs.
struct fixture {
  paging_start start{{"https://a/1", "https://a/2", "https://a/3"}, {}, {}};
  std::vector<capture_span> fresh;

  run_listing listing(std::optional<uint64_t> expected = {}) {
    return {start, expected};
  }

  /// Takes a page and returns the ids of its fresh captures in `fresh_ids`.
  listing_step take(run_listing& listing, std::initializer_list<uint8_t> ids,
                    std::optional<page_cursor> next = {}) {
    fresh.clear();
    return listing.on_page(captures(ids), next, fresh);
  }

  std::vector<size_t> fresh_ids() const {
    std::vector<size_t> ids;
    for (auto& span : fresh)
      ids.push_back(span.begin);
    return ids;
  }
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
    return run.on_part(captures(ids), last, fresh);
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
  CHECK(run.state().listings == 1);
}

TEST_CASE_METHOD(fixture, "a download that stays short is a shortfall after "
                          "two repetitions") {
  auto run = listing(3);
  for (auto step :
       {listing_step::again, listing_step::again, listing_step::done})
    CHECK(run.on_part(captures({1, 2}), true, fresh) == step);
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
  auto page = [](uint8_t id, std::initializer_list<uint8_t> urls) {
    capture_list result;
    for (auto url : urls)
      result.add({{url, url + size_t{1}},
                  {id},
                  "https://a/" + std::to_string(url),
                  {url, url + size_t{3}}});
    return result;
  };
  CHECK(run.on_page(page(1, {1}), "a", fresh) == listing_step::more);
  CHECK_FALSE(run.take_shared_id());
  CHECK(run.on_page(page(1, {1, 2, 3}), "b", fresh) == listing_step::more);
  CHECK(fresh_ids() == ids{1, 2, 3});
  CHECK(run.covered() == 3);
  auto id = run.take_shared_id();
  REQUIRE(id);
  CHECK(id->begin == 2);
  CHECK(id->end == 5);
  CHECK(run.on_page(page(2, {1, 2}), "c", fresh) == listing_step::more);
  CHECK_FALSE(run.take_shared_id());
  auto keys = run.take_new_identities();
  CHECK(keys.size() == 5);
  // After a restart it is known which were taken, and that ids are shared.
  fresh.clear();
  run_listing later{{start.urls, {}, keys}, {}};
  CHECK(later.on_page(page(1, {1, 2, 3, 4}), {}, fresh) == listing_step::done);
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
    return run.on_part(captures({1, 2}), true, fresh);
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
                          "circle, too") {
  auto run = listing();
  CHECK(take(run, {1}, "a") == listing_step::more);
  CHECK(take(run, {2}, "a") == listing_step::again);
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

TEST_CASE_METHOD(fixture, "pages without captures and without an end lead "
                          "nowhere") {
  auto run = listing();
  auto page = 0U;
  auto step = listing_step::more;
  while (step == listing_step::more && page <= run_listing::most_barren_pages)
    step = take(run, {}, "c" + std::to_string(page++));
  CHECK(step == listing_step::again);
  CHECK(page == run_listing::most_barren_pages);
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
  auto whole = captures({3});
  CHECK(latest[0] == seen_captures{{}, 1}.add(whole[0])->key);
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
