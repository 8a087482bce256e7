#include "config/profile_sections.hpp"

namespace sluice::config {

namespace {

using kind = pagination::kind;

/// The keys that a kind of pagination needs.
std::vector<std::string> keys_needed_by(kind by) {
  switch (by) {
    case kind::cursor:
      return {"param", "next"};
    case kind::next_url:
      return {"next"};
    case kind::offset:
    case kind::page:
      return {"param"};
    default:
      return {};
  }
}

bool is_missing(const section& values, const std::string& key) {
  using texts = std::vector<std::string>;
  if (!values.has(key))
    return true;
  return values.holds<texts>(key) && values.get<texts>(key).empty();
}

void check_needed_keys(const checked_profile& profile, kind by) {
  for (auto& name : keys_needed_by(by)) {
    auto key = "results.page." + name;
    if (is_missing(profile.values, key))
      profile.refuse("results.page",
                     key + " is missing; pages of kind "
                       + std::string{word_of(pagination::kind_words, by)}
                       + " need it");
  }
}

} // namespace

field page_fields() {
  using enum field_kind;
  return {
    .name = "page",
    .kind = section,
    .help = "How to get the next page of a listing; null if this is unknown, "
            "and then captures cannot be fetched.",
    .children = {
      {.name = "kind",
       .kind = choice,
       .help = "`none` states that there is only one page.",
       .required = true,
       .choices = words_in(pagination::kind_words)},
      {.name = "param",
       .help =
         "cursor, offset, page: the parameter that selects the next page.",
       .example = "cursor"},
      pointer_field(
        "next",
        "cursor, next_url: where the reply gives the next cursor or URL.",
        false),
      {.name = "size_param",
       .help = "offset, page: the parameter that sets the page size.",
       .example = "limit"},
      {.name = "size",
       .kind = integer,
       .help = "The page size to request; a page with fewer captures is short.",
       .min = 1,
       .max = 100'000,
       .example = "1000"},
      {.name = "total_header",
       .help = "offset, page: the header with the total number of captures.",
       .example = "X-Total"},
      pointer_field("more",
                    "page: true while more pages follow; without it, a short "
                    "or empty page is the last.",
                    false),
      {.name = "first",
       .kind = integer,
       .help = "page: the number of the first page.",
       .default_value = std::to_string(pagination{}.first),
       .min = 0,
       .max = 1},
    }};
}

pagination build_pagination(const checked_profile& profile) {
  pagination out;
  if (!profile.values.has("results.page"))
    return out;
  out.by = profile.values.choice("results.page.kind", pagination::kind_words);
  out.param = profile.text_or_empty("results.page.param");
  out.next = profile.texts("results.page.next");
  out.size_param = profile.text_or_empty("results.page.size_param");
  if (profile.values.has("results.page.size"))
    out.size = profile.number("results.page.size");
  out.total_header = profile.text_or_empty("results.page.total_header");
  out.more = profile.texts("results.page.more");
  out.first = profile.number("results.page.first");
  check_needed_keys(profile, out.by);
  return out;
}

} // namespace sluice::config
