#include "core/page_walk.hpp"

#include "core/ascii.hpp"
#include "core/http_url.hpp"

namespace sluice {

namespace {

using kind = pagination::kind;
using maybe_cursor = std::optional<page_cursor>;

/// The number that a counting pagination's cursor stands for.
std::optional<uint64_t>
position(const pagination& page, const page_cursor& cursor) {
  if (cursor.empty())
    return page.by == kind::page ? page.first : 0;
  return read_number<uint64_t>(cursor);
}

void append_position(std::string& url, const pagination& page,
                     uint64_t number) {
  append_parameter(url, page.param, std::to_string(number));
  if (page.by == kind::offset && !page.size_param.empty())
    append_parameter(url, page.size_param, std::to_string(page.size));
}

caf::expected<maybe_cursor>
checked(page_cursor next, const page_cursor& current) {
  if (next == current)
    return make_error(ec::bad_reply,
                      "the API's next cursor is the one just used");
  if (next.size() > max_cursor_bytes)
    return make_error(ec::bad_reply, "the API's next cursor is longer than "
                                       + std::to_string(max_cursor_bytes)
                                       + " bytes");
  return maybe_cursor{std::move(next)};
}

/// The key may be in a link that the API made from our own request; the
/// cursor goes to the ledger, so it must not stay in it.
std::string without_key(const api_profile& profile, std::string url) {
  if (profile.auth.in != auth_scheme::place::query)
    return url;
  return without_parameter(url, profile.auth.name);
}

caf::expected<maybe_cursor> after_link(const api_profile& profile,
                                       const std::string& url,
                                       const split_page& page) {
  if (!page.next)
    return maybe_cursor{};
  auto next = resolve_link(url, *page.next);
  if (!next)
    return make_error(ec::bad_reply, "the API's link to the next page is no "
                                     "http or https URL: "
                                       + printable(*page.next, 100));
  return checked(without_key(profile, std::move(*next)),
                 without_key(profile, url));
}

maybe_cursor after_offset(const pagination& page, uint64_t offset, size_t count,
                          const http_reply& reply) {
  if (count == 0)
    return std::nullopt;
  auto next = offset + count;
  if (auto text = reply.header(lower_case(page.total_header)))
    if (auto total = read_number<uint64_t>(*text); total && next >= *total)
      return std::nullopt;
  return std::to_string(next);
}

/// An empty page is the last one whatever it says: page numbers never repeat,
/// so nothing else would end a listing that always promises more.
maybe_cursor after_page(uint64_t number, const split_page& page) {
  if (page.captures.empty() || !page.more.value_or(false))
    return std::nullopt;
  return std::to_string(number + 1);
}

} // namespace

caf::expected<std::string> page_url(const api_profile& profile,
                                    const template_values& values,
                                    const page_cursor& cursor) {
  const auto& results = profile.results;
  const auto& page = results.page;
  if (page.by == kind::unknown)
    return make_error(ec::usage, "the profile does not say how captures are "
                                 "paged; set results.page in it");
  if (page.by == kind::next_url && !cursor.empty())
    return cursor;
  auto url = expand_url(profile.base, results.path, results.query, values);
  if (!url)
    return url.error();
  if (page.by == kind::cursor && !cursor.empty())
    append_parameter(*url, page.param, cursor);
  if (page.by == kind::offset || page.by == kind::page) {
    auto number = position(page, cursor);
    if (!number)
      return make_error(ec::internal, "a listing stands at "
                                        + printable(cursor, 60)
                                        + ", which is no number");
    append_position(*url, page, *number);
  }
  return url;
}

caf::expected<maybe_cursor>
next_cursor(const api_profile& profile, const page_cursor& cursor,
            const std::string& url, const split_page& page,
            const http_reply& reply) {
  const auto& rule = profile.results.page;
  switch (rule.by) {
    case kind::cursor:
      return page.next ? checked(*page.next, cursor)
                       : caf::expected<maybe_cursor>{maybe_cursor{}};
    case kind::next_url:
      return after_link(profile, url, page);
    case kind::offset:
      return after_offset(rule, position(rule, cursor).value_or(0),
                          page.captures.size(), reply);
    case kind::page:
      return after_page(position(rule, cursor).value_or(rule.first), page);
    case kind::none:
    case kind::unknown:
      break;
  }
  return maybe_cursor{};
}

} // namespace sluice
