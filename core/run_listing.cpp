#include "core/run_listing.hpp"

#include <functional>
#include <utility>

namespace sluice {

run_listing::run_listing(paging_start start, std::optional<uint64_t> expected)
    : state_{std::move(start.state)},
      coverage_{std::move(start.urls), std::move(state_.covered)},
      expected_{expected},
      seen_{start.seen, coverage_.size()},
      sharing_known_{seen_.has_shared()} {}

bool run_listing::take(const listed_capture& capture) {
  auto added = seen_.add(capture);
  if (!added) {
    ++state_.repeated;
    return false;
  }
  if (added->shares_id && !std::exchange(sharing_known_, true))
    shared_id_ = capture.id;
  new_identities_.push_back(added->key);
  gained_ = true;
  ++state_.captures;
  if (!coverage_.mark(capture.url))
    ++state_.extras;
  return true;
}

void run_listing::take_all(const capture_list& captures,
                           std::vector<capture_span>& fresh) {
  for (auto capture : captures)
    if (take(capture))
      fresh.push_back(capture.span);
  ++state_.next_page;
}

listing_step run_listing::on_page(const capture_list& captures,
                                  const std::optional<page_cursor>& next,
                                  std::vector<capture_span>& fresh) {
  take_all(captures, fresh);
  barren_pages_ = fresh.empty() ? barren_pages_ + 1 : 0;
  if (next) {
    auto hash = std::hash<page_cursor>{}(*next);
    if (*next == state_.cursor || !cursors_.insert(hash).second)
      return restart("the API answered a page cursor a second time");
    if (barren_pages_ >= most_barren_pages)
      return restart("the API's pages have no new captures and no end");
    state_.cursor = *next;
    return listing_step::more;
  }
  return end();
}

listing_step run_listing::on_part(const capture_list& captures, bool last,
                                  std::vector<capture_span>& fresh) {
  take_all(captures, fresh);
  return last ? end() : listing_step::more;
}

/// The listing is read to its end.
listing_step run_listing::end() {
  auto is_short = expected_ ? state_.captures < *expected_ : unreadable_;
  if (is_short && state_.listings < most_repeats)
    return restart("captures are missing");
  return listing_step::done;
}

listing_step run_listing::on_expired_cursor() {
  // A slow reader's cursors expire again and again; that is no dead end as
  // long as each listing comes further.
  if (gained_)
    state_.listings = 0;
  return restart("the API does not know its own page cursor any more");
}

listing_step run_listing::restart(std::string reason) {
  if (state_.listings >= most_repeats) {
    why_ = std::move(reason);
    return listing_step::broken;
  }
  ++state_.listings;
  barren_pages_ = 0;
  unreadable_ = false;
  gained_ = false;
  cursors_.clear();
  state_.cursor.clear();
  return listing_step::again;
}

paging_state run_listing::state() const {
  auto result = state_;
  result.covered = coverage_.bits();
  return result;
}

std::vector<capture_identity> run_listing::take_new_identities() {
  return std::exchange(new_identities_, {});
}

} // namespace sluice
