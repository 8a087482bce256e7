#include "core/api/page_splitter.hpp"

#include "core/api/page_events.hpp"
#include "core/base/indexed_json_reader.hpp"

#include <algorithm>
#include <optional>

namespace sluice {

namespace {

std::string listed(const json_pointers& pointers) {
  std::string result;
  for (const auto& each : pointers) {
    if (!result.empty())
      result += " or ";
    result += each.empty() ? "the root" : each;
  }
  return result;
}

/// Describes a defect, with its byte counted from `begin`.
std::string explain_defect(const page_events& events, const json_defect& defect,
                           size_t begin) {
  auto what = defect.what.empty() ? events.refusal() : defect.what;
  return std::string{what} + " (byte " + std::to_string(defect.at - begin)
         + ")";
}

/// Reads ordinary text quickly. If this returns false, read_json must decide.
bool read_quickly(std::string_view text, size_t begin, size_t end,
                  page_events& events) {
  thread_local json_index index; // its memory is reused
  return read_indexed_json(index, text, begin, end, events);
}

/// Reads one line as a document of `events`.
std::optional<json_defect> read_line(std::string_view text, size_t begin,
                                     size_t end, page_events& events) {
  if (read_quickly(text, begin, end, events))
    return std::nullopt;
  events.drop_document();
  return read_json(text.substr(0, end), begin, events);
}

/// True if a line has only blanks.
bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == line.npos;
}

} // namespace

page_splitter::page_splitter(const results_dialect& dialect)
    : items_{dialect.items.size()},
      next_{dialect.page.next},
      numeric_next_{dialect.page.by == pagination::kind::cursor},
      wanted_{listed(dialect.items)} {
  page_.add(items_list, dialect.items);
  page_.add(next_list, dialect.page.next);
  page_.add(more_list, dialect.page.more);
  capture_.add(id_list, dialect.item_id);
  capture_.add(url_list, dialect.item_url);
}

caf::expected<split_page> page_splitter::split(std::string_view body) const {
  std::optional<page_events> events;
  auto begin = [&] {
    events.emplace(
      page_events::setup{page_, capture_, next_, items_, numeric_next_}, body);
  };
  begin();
  if (!read_quickly(body, 0, body.size(), *events)) {
    begin();
    if (auto defect = read_json(body, 0, *events))
      return make_error(ec::bad_reply, "the page cannot be read: "
                                         + explain_defect(*events, *defect, 0));
  }
  if (!events->found())
    return make_error(ec::bad_reply, "the page has no list of captures at "
                                       + wanted_
                                       + "; does the profile fit this API?");
  return events->take();
}

capture_list page_splitter::salvage(std::string_view body) const {
  page_events events{{page_, capture_, next_, items_, numeric_next_}, body};
  static_cast<void>(read_json(body, 0, events));
  return events.take_certain();
}

split_text page_splitter::split_lines(std::string_view body) const {
  page_events events{{page_, capture_, next_, 1, numeric_next_}, body};
  events.take_documents();
  split_text result;
  for (size_t begin = 0; begin < body.size();) {
    auto end = std::min(body.find('\n', begin), body.size());
    auto defect = is_blank(body.substr(begin, end - begin))
                    ? std::nullopt
                    : read_line(body, begin, end, events);
    if (!defect) {
      events.accept_document();
    } else {
      if (result.bad.count++ == 0) {
        result.bad.first_at = begin;
        result.bad.first_why = explain_defect(events, *defect, begin);
      }
      events.drop_document();
    }
    begin = end + 1;
  }
  result.captures = events.take().captures;
  return result;
}

} // namespace sluice
