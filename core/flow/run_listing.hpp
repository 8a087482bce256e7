// Reads one run's captures page by page: which captures are new, where the
// listing continues, and whether it is complete. The bookkeeping behind promise
// 2, "never lose a capture, never miscount a URL"; no I/O.
//
// Every listing ends:
//
// - All listings of a run together have at most 3 x (100 + max(URLs, captures
//   so far)) pages. That suffices for three listings with one capture per page
//   and 100 empty pages each. The ledger keeps the numbers of pages
//   and captures, so a restart does not reset them.
// - A run has at most 10 x max(reported, URLs, budget) + 1,000 captures. Beyond
//   that its status is requested again, since the reported count may be an
//   early one. A run without a budget is limited only by the reported count; if
//   it reports none, its captures are not limited.

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
  again,  ///< pause, then list from the start: captures are missing
  done,   ///< all captures are read, or no more are available
  broken, ///< the API's paging leads nowhere; `why` has the reason
  /// Request the run's status, then call `on_recount`: there are more captures
  /// than the run can have.
  recount,
  /// The API has more captures that are paid for, but this listing cannot reach
  /// them; `why` has the reason.
  set_aside,
};

class run_listing {
public:
  /// Maximum listings in a row that find nothing new, after one that did. A
  /// slow reader's cursors may expire again and again, and late captures may
  /// appear one by one: that is fine as long as each listing makes progress.
  static constexpr unsigned most_repeats = 2;

  /// Maximum pages without a capture in one listing.
  static constexpr uint64_t spare_pages = 100;

  /// `expected`: the number of captures that the run reports, if it does.
  /// `budget`: how many it may buy; nullopt if unlimited.
  run_listing(paging_start start, std::optional<uint64_t> expected,
              std::optional<uint64_t> budget);

  /// The cursor of the next page to fetch.
  [[nodiscard]] const page_cursor& cursor() const noexcept {
    return state_.cursor;
  }

  /// Processes a page: appends the captures not seen before to `fresh`, and
  /// returns what to do next. Drops and counts repeated captures.
  [[nodiscard]] listing_step
  on_page(const listed_page& page, std::vector<capture_span>& fresh);

  /// The same for a part of a download. A download always begins at its start,
  /// so the cursor is that of the first page. `last`: this is the last part.
  [[nodiscard]] listing_step
  on_part(const listed_page& part, bool last, std::vector<capture_span>& fresh);

  /// Sets whether part of the current listing is unreadable. If so, and the run
  /// reports no count, captures count as missing.
  void set_unreadable(bool is) noexcept { unreadable_ = is; }

  /// The API no longer knows the cursor: list from the start.
  [[nodiscard]] listing_step on_expired_cursor();

  /// Goes back to the start of the listing: the next page read is the first.
  void begin_anew();

  /// Call after `recount`, with the count that the run now reports, or nullopt.
  /// Returns what to do next.
  [[nodiscard]] listing_step on_recount(std::optional<uint64_t> reported);

  /// Why the last step was `broken` or `set_aside`.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

  /// The state after the last page.
  [[nodiscard]] paging_state state() const;

  /// Returns the identities of captures taken since the last call.
  [[nodiscard]] std::vector<capture_identity> take_new_identities();

  /// The position, in the last page or part, of an id that two captures with
  /// different URLs share. Returned once per run.
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
  std::optional<uint64_t> budget_; ///< at least one per URL
  seen_captures seen_;
  bool sharing_known_; ///< a shared id was returned, or is in the ledger
  std::optional<capture_span> shared_id_;
  std::vector<capture_identity> new_identities_;
  std::unordered_set<size_t> cursors_; ///< hashes, of the current listing
  bool at_zero_ = false;               ///< the cursor is the number 0
  bool unreadable_ = false;            ///< part of this listing is unreadable
  listing_step deferred_ = listing_step::more; ///< until a recount
  std::string scratch_;                        ///< for decoded URLs
  std::string why_;
};

} // namespace sluice
