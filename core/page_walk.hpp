// How a listing is continued, for every kind of pagination: from a cursor to
// the next request's address, from a page to the next cursor. Pure.

#pragma once

#include "core/api_client.hpp"
#include "core/page_splitter.hpp"
#include "core/request_template.hpp"

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

/// The cursor after the page fetched from `url` with `cursor`; nullopt after
/// the last one.
/// Errors: ec::bad_reply for a cursor that repeats the current one, is longer
/// than max_cursor_bytes, or is a link that leads nowhere.
[[nodiscard]] caf::expected<std::optional<page_cursor>>
next_cursor(const api_profile& profile, const page_cursor& cursor,
            const std::string& url, const split_page& page,
            const http_reply& reply);

inline constexpr size_t max_cursor_bytes = 16 * 1024;

} // namespace sluice
