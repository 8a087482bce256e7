// The two ways in which page_splitter reads a page, each by itself.

#pragma once

#include "core/api/page_events.hpp"
#include "core/base/indexed_json_reader.hpp"

#include <optional>
#include <string_view>

namespace sluice::test {

class page_readings {
public:
  explicit page_readings(const results_dialect& dialect) : dialect_{dialect} {
    page_.add(items_list, dialect.items);
    page_.add(next_list, dialect.page.next);
    page_.add(more_list, dialect.page.more);
    capture_.add(id_list, dialect.item_id);
    capture_.add(url_list, dialect.item_url);
  }

  /// What json_reader.hpp makes of a page; nullopt if it is refused.
  [[nodiscard]] std::optional<split_page> exact(std::string_view body) const {
    page_events events{setup(), body};
    if (read_json(body, 0, events))
      return std::nullopt;
    return result(events);
  }

  /// What indexed_json_reader.hpp makes of it; nullopt if it gave up.
  [[nodiscard]] std::optional<split_page>
  indexed(std::string_view body, json_index& index) const {
    page_events events{setup(), body};
    if (!read_indexed_json(index, body, 0, body.size(), events))
      return std::nullopt;
    return result(events);
  }

private:
  [[nodiscard]] page_events::setup setup() const {
    return {page_, capture_, dialect_.page.next, dialect_.items.size(),
            dialect_.page.by == pagination::kind::cursor};
  }

  static std::optional<split_page> result(page_events& events) {
    if (!events.found())
      return std::nullopt;
    return events.take();
  }

  results_dialect dialect_;
  pointer_tree page_;
  pointer_tree capture_;
};

[[nodiscard]] inline bool same(const capture_span& a, const capture_span& b) {
  return a.begin == b.begin && a.end == b.end;
}

[[nodiscard]] inline bool same(const capture_list& a, const capture_list& b) {
  if (a.size() != b.size())
    return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (!same(a[i].span, b[i].span) || !same(a[i].url, b[i].url)
        || !same(a[i].id, b[i].id) || a[i].identity != b[i].identity)
      return false;
  return true;
}

[[nodiscard]] inline bool same(const split_page& a, const split_page& b) {
  return same(a.captures, b.captures) && a.next == b.next
         && a.next_is_zero == b.next_is_zero
         && a.unusable_next == b.unusable_next && a.more == b.more;
}

} // namespace sluice::test
