// How a listing is continued, for every kind of pagination: from a cursor to
// the next request's address, from a page to the next cursor. Pure.
//
// The rules for `offset` and `page`, whose cursors sluice counts itself:
//
// - A page is full when it has the `size` captures that were asked for; where
//   no size is asked for, when it has any. A full page is always followed by
//   another request: a total may lag behind the captures.
// - A short page ends a listing by page numbers that has neither `more` nor a
//   total. Otherwise it is followed, by number until a page is empty, by offset
//   until a page is empty or the total is reached, for the API may grant fewer
//   captures a page than were asked for.
// - A filter may thin out or empty any page. So a short or empty page before
//   the total is not the end. The offset moves on by the captures of a page,
//   which loses nothing whatever made the page short, and by `size` when it
//   has none.
// - `more` is believed where the API sends it, also with an empty page.

#pragma once

#include "core/api/page_splitter.hpp"
#include "core/api/read_verdict.hpp"
#include "core/api/request_template.hpp"
#include "core/model/capture_page.hpp"

#include <optional>
#include <string>

namespace sluice {

/// The address of the page at `cursor`, without the key. An empty cursor is
/// the first page.
/// Errors: ec::usage for a pagination that the profile leaves unknown or a
/// template that cannot be filled; ec::internal for a cursor that this
/// pagination never made.
[[nodiscard]] caf::expected<std::string> page_url(const api_profile& profile,
                                                  const template_values& values,
                                                  const page_cursor& cursor);

/// What follows a page: another one, nothing, or pages that no request can
/// reach.
struct page_after {
  std::optional<page_cursor> cursor; ///< of the next page
  bool is_zero = false;              ///< `cursor` is the number 0
  /// Not empty: there are more pages, and why they cannot be asked for: the
  /// cursor is of a type that no request can carry, is longer than
  /// max_cursor_bytes, or is a link that is not http or https. Printable.
  std::string dead_end{};
};

/// What follows the page fetched from `url` with `cursor`. The cursor may be
/// one that was used before.
[[nodiscard]] page_after
next_page(const api_profile& profile, const page_cursor& cursor,
          const std::string& url, const split_page& page,
          const http_reply& reply);

/// Whether a refusal of the page at `cursor` says that the pages end before
/// it: a position that sluice counted cannot expire, and APIs answer one past
/// the end with 404 or 416 (RFC 9110, section 15.5.17), not always with an
/// error body, or with 400 or 422 in their own words.
[[nodiscard]] bool is_past_the_end(const pagination& page,
                                   const page_cursor& cursor,
                                   const read_verdict& verdict);

inline constexpr size_t max_cursor_bytes = 16 * 1024;

} // namespace sluice
