#include "core/flow/run_listing.hpp"

#include "core/model/listing.hpp"

#include <functional>
#include <utility>

namespace sluice {

run_listing::run_listing(paging_start start, std::optional<uint64_t> expected,
                         std::optional<uint64_t> budget)
    : state_{std::move(start.state)},
      coverage_{std::move(start.urls), std::move(state_.covered)},
      expected_{expected},
      seen_{start.seen, coverage_.size()},
      sharing_known_{seen_.has_shared()} {
  if (budget)
    budget_ = std::max<uint64_t>(*budget, coverage_.size());
}

bool run_listing::take(const listed_capture& capture, std::string_view body) {
  auto url = capture_url(body, capture.url, scratch_);
  auto added = seen_.add(capture.identity, url);
  if (!added) {
    ++state_.repeated;
    return false;
  }
  if (added->shares_id && !std::exchange(sharing_known_, true))
    shared_id_ = capture.id;
  new_identities_.push_back(added->key);
  state_.listings = 0; // the current listing found something new
  ++state_.captures;
  if (!coverage_.mark(url))
    ++state_.unmatched;
  return true;
}

void run_listing::take_all(const listed_page& page,
                           std::vector<capture_span>& fresh) {
  for (auto capture : page.captures)
    if (take(capture, page.text()))
      fresh.push_back(capture.span);
  ++state_.next_page;
}

listing_step run_listing::on_page(const listed_page& page,
                                  std::vector<capture_span>& fresh) {
  auto old_size = fresh.size();
  take_all(page, fresh);
  return bounded(after_page(page, fresh.size() == old_size));
}

listing_step run_listing::after_page(const listed_page& page, bool is_barren) {
  auto was_at_zero = std::exchange(at_zero_, page.next_is_zero);
  if (!page.dead_end.empty())
    return is_complete() ? listing_step::done : set_aside(page.dead_end);
  // A 0 that only led back to the start, with nothing new, was not a cursor.
  if (!page.next || (was_at_zero && is_barren))
    return end();
  return after_cursor(page);
}

listing_step run_listing::after_cursor(const listed_page& page) {
  // An API that has nothing more may repeat a cursor, or send the number 0 as
  // one.
  auto is_own = *page.next == state_.cursor;
  auto is_new =
    !is_own && cursors_.insert(std::hash<page_cursor>{}(*page.next)).second;
  if ((!is_new || page.next_is_zero) && is_complete())
    return listing_step::done;
  if (is_own && page.captures.empty())
    return end();
  if (!is_new)
    return restart("the API returned a page cursor a second time");
  if (state_.next_page >= most_pages())
    return is_complete()
             ? listing_step::done
             : set_aside("the API's pages do not end: "
                         + std::to_string(state_.next_page) + " pages yielded "
                         + std::to_string(state_.captures) + " captures");
  state_.cursor = *page.next;
  return listing_step::more;
}

listing_step run_listing::on_part(const listed_page& part, bool last,
                                  std::vector<capture_span>& fresh) {
  take_all(part, fresh);
  return bounded(last ? end() : listing_step::more);
}

/// Before requesting more, checks whether there are more captures than
/// possible.
listing_step run_listing::bounded(listing_step step) {
  auto goes_on = step == listing_step::more || step == listing_step::again;
  if (!goes_on || !has_too_many())
    return step;
  deferred_ = step;
  return listing_step::recount;
}

listing_step run_listing::on_recount(std::optional<uint64_t> reported) {
  if (reported)
    expected_ = reported;
  if (!has_too_many())
    return deferred_;
  return set_aside("the listing does not end: it has yielded "
                   + std::to_string(state_.captures)
                   + " captures, but the run can have only "
                   + std::to_string(can_have().value_or(0)));
}

/// The listing has been read to its end.
listing_step run_listing::end() {
  auto is_short = expected_ ? state_.captures < *expected_ : unreadable_;
  if (is_short && state_.listings < most_repeats)
    return restart("captures are missing");
  return listing_step::done;
}

listing_step run_listing::on_expired_cursor() {
  return restart("the API no longer knows its own page cursor");
}

listing_step run_listing::restart(std::string reason) {
  if (state_.listings >= most_repeats) {
    why_ = std::move(reason);
    return is_complete() ? listing_step::done : listing_step::broken;
  }
  ++state_.listings;
  begin_anew();
  return listing_step::again;
}

void run_listing::begin_anew() {
  at_zero_ = false;
  unreadable_ = false;
  cursors_.clear();
  state_.cursor.clear();
}

listing_step run_listing::set_aside(std::string reason) {
  why_ = std::move(reason);
  return listing_step::set_aside;
}

/// True if all captures that the run reports have been read.
bool run_listing::is_complete() const {
  return expected_ && state_.captures >= *expected_;
}

/// The maximum number of captures, as far as known; nullopt if unknown.
std::optional<uint64_t> run_listing::can_have() const {
  if (!budget_)
    return expected_;
  return std::max(*budget_, expected_.value_or(0));
}

bool run_listing::has_too_many() const {
  constexpr uint64_t factor = 10, spare = 1'000;
  auto most = can_have();
  return most && state_.captures > spare
         && (state_.captures - spare - 1) / factor >= *most;
}

uint64_t run_listing::most_pages() const {
  auto useful = std::max<uint64_t>(coverage_.size(), state_.captures);
  return (most_repeats + 1) * (spare_pages + useful);
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
