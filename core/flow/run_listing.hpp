// Reading one run's captures page by page: which captures are new, where the
// listing goes on, and whether it is complete. Promise 2's bookkeeping,
// without I/O.
//
// Every listing ends:
//
// - All listings of a run together have at most
//   3 x (100 + max(URLs, captures so far)) pages. That is enough for three
//   listings with one capture a page and 100 pages without any in each. The
//   ledger keeps both numbers, so a restart does not begin to count anew.
// - A run has at most 10 x max(reported, URLs, budget) + 1,000 captures.
//   Beyond that its status is asked for again, for the reported count may have
//   been an early one. A run without a budget takes all that it finds, so
//   only the reported count bounds it. Where none is reported either, nothing
//   bounds the captures of a run.

#pragma once

#include "core/flow/coverage.hpp"
#include "core/flow/seen_captures.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/listing.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sluice {

/// What to do after a page.
enum class listing_step {
  more,   ///< fetch the next page
  again,  ///< pause, then list from the start: the listing was incomplete
  done,   ///< all captures are read, or no more can be had
  broken, ///< the API's paging leads nowhere; `why` says how
  /// Ask for the run's status, then tell `on_recount`: there are more captures
  /// than the run can have.
  recount,
  /// Captures that are paid for lie at the API beyond this point, and this
  /// listing cannot reach them; `why` says how.
  set_aside,
};

class run_listing {
public:
  /// Listings in a row that bring nothing new, after one that did. A slow
  /// reader's cursors expire again and again, and late captures come one by
  /// one: that is not a dead end as long as each listing comes further.
  static constexpr unsigned most_repeats = 2;

  /// Pages without a capture that one listing may have.
  static constexpr uint64_t spare_pages = 100;

  /// `expected` is the number of captures the run reports, when it does;
  /// `budget` what it may spend, nullopt without a limit.
  run_listing(paging_start start, std::optional<uint64_t> expected,
              std::optional<uint64_t> budget);

  /// Cursor of the next page to fetch.
  [[nodiscard]] const page_cursor& cursor() const noexcept {
    return state_.cursor;
  }

  /// Takes a page: appends to `fresh` the captures not seen before, and says
  /// how to go on. Captures listed before are dropped and counted.
  [[nodiscard]] listing_step
  on_page(const listed_page& page, std::vector<capture_span>& fresh);

  /// The same for a part of a download, which always begins at its start: its
  /// cursor is that of the first page. `last`: the download ends here.
  [[nodiscard]] listing_step
  on_part(const listed_page& part, bool last, std::vector<capture_span>& fresh);

  /// Whether a part of the present listing cannot be read. Where the run
  /// reports no count, captures are then missing.
  void set_unreadable(bool is) noexcept { unreadable_ = is; }

  /// The API no longer knows the cursor: lists from the start.
  [[nodiscard]] listing_step on_expired_cursor();

  /// Forgets where it stands: what is read next is the first page.
  void begin_anew();

  /// After `recount`: the count that the run reports now, nullopt when it
  /// reports none. Says how to go on.
  [[nodiscard]] listing_step on_recount(std::optional<uint64_t> reported);

  /// Why the last step was `broken` or `set_aside`.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

  /// As of the last page taken.
  [[nodiscard]] paging_state state() const;

  /// Identities of captures taken since the last call.
  [[nodiscard]] std::vector<capture_identity> take_new_identities();

  /// Where the last page or part has the id of a capture that shares it with
  /// one of another URL. It is given once a run.
  [[nodiscard]] std::optional<capture_span> take_shared_id() {
    return std::exchange(shared_id_, std::nullopt);
  }

  [[nodiscard]] uint64_t covered() const noexcept {
    return coverage_.covered();
  }

private:
  void take_all(const listed_page& page, std::vector<capture_span>& fresh);
  listing_step after_page(const listed_page& page, bool is_barren);
  listing_step after_cursor(const listed_page& page);
  listing_step bounded(listing_step step);
  listing_step end();
  listing_step restart(std::string reason);
  [[nodiscard]] listing_step set_aside(std::string reason);
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] std::optional<uint64_t> can_have() const;
  [[nodiscard]] bool has_too_many() const;
  [[nodiscard]] uint64_t most_pages() const;
  [[nodiscard]] bool take(const listed_capture& capture, std::string_view body);

  paging_state state_;
  coverage coverage_;
  std::optional<uint64_t> expected_;
  std::optional<uint64_t> budget_; ///< at least one for each URL
  seen_captures seen_;
  bool sharing_known_; ///< a shared id was given, or is in the ledger
  std::optional<capture_span> shared_id_;
  std::vector<capture_identity> new_identities_;
  std::unordered_set<size_t> cursors_; ///< hashes, of the present listing
  bool at_zero_ = false;               ///< the cursor is the number 0
  bool unreadable_ = false;            ///< a part of the present listing
  listing_step deferred_ = listing_step::more; ///< until a recount
  std::string scratch_;                        ///< for decoded URLs
  std::string why_;
};

} // namespace sluice
