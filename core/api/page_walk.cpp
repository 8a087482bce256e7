#include "core/api/page_walk.hpp"

#include "core/base/ascii.hpp"
#include "core/base/secrets.hpp"
#include "core/http/http_url.hpp"
#include "core/model/capture_page.hpp"

namespace sluice {

namespace {

using kind = pagination::kind;
/// The number that a counted cursor stands for.
std::optional<uint64_t>
position(const pagination& page, const page_cursor& cursor) {
  if (cursor.empty())
    return page.by == kind::page ? page.first : 0;
  return read_number<uint64_t>(cursor);
}

/// The page size to request; 0: the API decides.
uint64_t asked_size(const pagination& page) {
  return page.size_param.empty() ? 0 : page.size;
}

void append_position(std::string& url, const pagination& page,
                     uint64_t number) {
  append_parameter(url, page.param, std::to_string(number));
  if (auto size = asked_size(page))
    append_parameter(url, page.size_param, std::to_string(size));
}

page_after dead_end(const std::string& what) {
  return {.cursor = {}, .dead_end = "the API's next cursor is " + what};
}

page_after at(page_cursor next) {
  if (next.size() > max_cursor_bytes)
    return dead_end("longer than " + std::to_string(max_cursor_bytes)
                    + " bytes");
  return {.cursor = std::move(next)};
}

/// What follows a page that has no usable cursor.
page_after after_none(const split_page& page) {
  if (page.unusable_next)
    return dead_end(*page.unusable_next + ", which no request can carry");
  return {};
}

page_after after_cursor(const split_page& page) {
  if (!page.next)
    return after_none(page);
  auto result = at(*page.next);
  result.is_zero = page.next_is_zero;
  return result;
}

/// Removes the key from a link that the API made from our request. Each request
/// adds it again, so it need not go to the ledger with the cursor.
std::string without_key(const api_profile& profile, std::string url) {
  if (profile.auth.in != auth_scheme::place::query)
    return url;
  return without_parameter(url, profile.auth.name);
}

/// Shows only the scheme: the rest may quote the key.
std::string shown_scheme(const std::string& link) {
  constexpr size_t most = 40;
  auto shown = mask_secrets(link, most); // before a cut can split a secret
  return printable(shown.substr(0, shown.find_first_of(":/?#")), most);
}

page_after after_link(const api_profile& profile, const std::string& url,
                      const split_page& page) {
  if (!page.next)
    return after_none(page);
  auto next = resolve_link(url, *page.next);
  if (!next)
    return dead_end("a link that is not an http or https URL; it begins with \""
                    + shown_scheme(*page.next) + "\"");
  return at(without_key(profile, std::move(*next)));
}

std::optional<uint64_t>
total_of(const pagination& page, const http_reply& reply) {
  auto text = reply.header(lower_case(page.total_header));
  return text ? read_number<uint64_t>(*text) : std::nullopt;
}

bool is_full(const pagination& page, size_t count) {
  return count > 0 && count >= asked_size(page);
}

page_after after_offset(const pagination& page, uint64_t offset, size_t count,
                        const http_reply& reply) {
  auto next = offset + (count > 0 ? count : asked_size(page));
  auto total = total_of(page, reply);
  auto goes_on = total ? is_full(page, count) || next < *total : count > 0;
  // If the page size is unknown, an empty page cannot be skipped.
  if (!goes_on || next <= offset)
    return {};
  return at(std::to_string(next));
}

/// True if, by the total, captures may be left after page `number`. The API may
/// return fewer captures per page than requested, so only an empty page is
/// judged by the requested size.
bool is_before_total(const pagination& page, uint64_t number, size_t count,
                     const http_reply& reply) {
  auto total = total_of(page, reply);
  if (!total || count > 0)
    return total.has_value();
  auto size = asked_size(page);
  auto pages = number - page.first + 1;
  return *total > 0 && size > 0 && pages <= (*total - 1) / size;
}

page_after after_page(const pagination& rule, uint64_t number,
                      const split_page& page, const http_reply& reply) {
  auto count = page.captures.size();
  auto goes_on = page.more.value_or(
    is_full(rule, count) || is_before_total(rule, number, count, reply));
  if (!goes_on)
    return {};
  return at(std::to_string(number + 1));
}

} // namespace

caf::expected<std::string> page_url(const api_profile& profile,
                                    const template_values& values,
                                    const page_cursor& cursor) {
  const auto& results = profile.results;
  const auto& page = results.page;
  if (page.by == kind::unknown)
    return make_error(ec::usage, "the profile does not say how captures are "
                                 "paged; set its results.page");
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
      return make_error(ec::internal, "the cursor of a listing is "
                                        + printable(cursor, 60)
                                        + ", which is not a number");
    append_position(*url, page, *number);
  }
  return url;
}

page_after next_page(const api_profile& profile, const page_cursor& cursor,
                     const std::string& url, const split_page& page,
                     const http_reply& reply) {
  const auto& rule = profile.results.page;
  switch (rule.by) {
    case kind::cursor:
      return after_cursor(page);
    case kind::next_url:
      return after_link(profile, url, page);
    case kind::offset:
      return after_offset(rule, position(rule, cursor).value_or(0),
                          page.captures.size(), reply);
    case kind::page:
      return after_page(rule, position(rule, cursor).value_or(rule.first), page,
                        reply);
    case kind::none:
    case kind::unknown:
      break;
  }
  return {};
}

bool is_past_the_end(const pagination& page, const page_cursor& cursor,
                     const read_verdict& verdict) {
  auto is_counted = page.by == kind::offset || page.by == kind::page;
  if (!is_counted || cursor.empty())
    return false;
  auto status = verdict.status;
  auto is_own_word = verdict.outcome == read_outcome::gone;
  return status == 404 || status == 416
         || (is_own_word && (status == 400 || status == 422));
}

} // namespace sluice
