// Feeds pages of a run of three URLs to its listing.

#pragma once

#include "core/flow/run_listing.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/listing.hpp"
#include "tests/core/api/page_maker.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <vector>

namespace sluice::test {

inline page_reply page_of(std::initializer_list<uint8_t> ids) {
  page_maker made;
  for (auto id : ids)
    made.add({{id, id + size_t{1}}, {0, 0, 0, id}},
             "https://a/" + std::to_string(id));
  return made.page();
}

/// A listing of a run of three URLs.
struct run_listing_fixture {
  paging_start start{{"https://a/1", "https://a/2", "https://a/3"}, {}, {}};
  std::vector<capture_span> fresh;

  run_listing listing(std::optional<uint64_t> expected = {},
                      std::optional<uint64_t> budget = 0) {
    return {start, expected, budget};
  }

  /// Takes a page and stores the ids of its new captures in `fresh_ids`.
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

  /// A page whose cursor is the number 0.
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

  /// Takes pages of `per_page` new captures, up to `most` captures, and returns
  /// the step after the last page.
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

  /// Takes pages without captures while there is a next one. Returns how many.
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

} // namespace sluice::test
