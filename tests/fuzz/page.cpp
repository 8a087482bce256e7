// A page of captures, and the lines of a download.

#include "core/api/page_splitter.hpp"
#include "core/base/url.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/page_readings.hpp"

using namespace sluice;
using fuzz::must;

namespace {

void check_spans(const capture_list& captures, std::string_view body) {
  std::string scratch;
  for (auto capture : captures) {
    must(capture.span.begin < capture.span.end);
    must(capture.span.end <= body.size());
    must(capture.id.begin <= capture.id.end && capture.id.end <= body.size());
    must(capture.url.begin <= capture.url.end
         && capture.url.end <= body.size());
    must(capture_url(body, capture.url, scratch).size() <= max_url_bytes + 1);
  }
}

/// A page is read with an index or, if that gives up, by the exact reader. Both
/// must agree.
void compare(const results_dialect& dialect,
             const caf::expected<split_page>& page, std::string_view body) {
  test::page_readings readings{dialect};
  auto exact = readings.exact(body);
  must(static_cast<bool>(page) == exact.has_value());
  must(!page || test::same(*page, *exact));
  for (size_t piece_bytes : {100, 1'000, 100'000}) {
    json_index index{piece_bytes};
    auto indexed = readings.indexed(body, index);
    must(!indexed || (exact && test::same(*indexed, *exact)));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  auto profile = fuzz::profile_number(in.below(fuzz::profile_count));
  page_splitter splitter{profile->results};
  auto body = in.rest();
  auto page = splitter.split(body);
  if (page)
    check_spans(page->captures, body);
  else
    must(code_of(page.error()) == ec::bad_reply);
  compare(profile->results, page, body);
  auto saved = splitter.salvage(body);
  check_spans(saved, body);
  must(!page || saved.size() <= page->captures.size());
  check_spans(splitter.split_lines(body).captures, body);
  return 0;
}
