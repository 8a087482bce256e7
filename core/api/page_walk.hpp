// Continues a listing, for every kind of pagination: from a cursor to the next
// request's URL, from a page to the next cursor. Pure.
//
// The rules for `offset` and `page`, where sluice counts the cursor itself:
//
// - A page is full if it has the `size` captures that were requested, or any
//   captures if no size is requested. A full page is always followed by another
//   request, since a total can lag behind the captures.
// - A short page ends a listing by page number if there is neither `more` nor a
//   total. Otherwise the listing goes on: by number until a page is empty, by
//   offset until a page is empty or the total is reached. The API may return
//   fewer captures per page than requested.
// - A filter may thin out or empty any page. So a short or empty page before
//   the total is not the end. The offset advances by the captures of the page,
//   so that none is skipped, or by `size` if the page is empty.
// - If the API sends `more`, it decides, even on an empty page.

#pragma once

#include "core/api/page_splitter.hpp"
#include "core/api/read_verdict.hpp"
#include "core/api/request_template.hpp"
#include "core/model/capture_page.hpp"

#include <optional>
#include <string>

namespace sluice {

/// The URL of the page at `cursor`, without the key. An empty cursor is the
/// first page. Errors: ec::usage if the profile leaves the pagination unknown
/// or a template cannot be filled; ec::internal for a cursor that this
/// pagination never produced.
[[nodiscard]] caf::expected<std::string> page_url(const api_profile& profile,
                                                  const template_values& values,
                                                  const page_cursor& cursor);

/// What follows a page: another page, nothing, or pages that no request can
/// reach.
struct page_after {
  std::optional<page_cursor> cursor; ///< of the next page
  bool is_zero = false;              ///< `cursor` is the number 0
  /// Why the remaining pages cannot be requested: the cursor has a type that no
  /// request can carry, is longer than max_cursor_bytes, or is a link that is
  /// not http or https. Printable. Empty if there is no such obstacle.
  std::string dead_end{};
};

/// What follows the page fetched from `url` with `cursor`. The next cursor may
/// be one that was used before.
[[nodiscard]] page_after
next_page(const api_profile& profile, const page_cursor& cursor,
          const std::string& url, const split_page& page,
          const http_reply& reply);

/// True if a refusal of the page at `cursor` means that the pages end before
/// it. A position that sluice counted cannot expire. If it is past the end,
/// APIs answer 404 or 416 (RFC 9110, section 15.5.17), some without an error
/// body, or 400 or 422 with their own error body.
[[nodiscard]] bool is_past_the_end(const pagination& page,
                                   const page_cursor& cursor,
                                   const read_verdict& verdict);

inline constexpr size_t max_cursor_bytes = 16 * 1024;

} // namespace sluice
