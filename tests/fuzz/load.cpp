// A file of captures in any codec: its pages, and the same pages when reading
// starts between two of them.

#include "core/base/json_reader.hpp"
#include "pipeline/load/capture_file.hpp"
#include "tests/fuzz/input.hpp"

#include <chrono>

using namespace sluice;
using fuzz::must;

namespace {

constexpr size_t most_pages = 2'000;

struct any_value {
  static bool name(const json_token&) { return true; }
  static bool scalar(const json_token&) { return true; }
  static bool open(bool, size_t) { return true; }
  static bool close(size_t) { return true; }
};

void check_page(const line_page& page, const load_limits& limits) {
  must(!page.captures.empty() && page.captures.size() <= limits.captures);
  size_t last = 0;
  for (auto& span : page.captures) {
    must(last <= span.begin && span.begin < span.end
         && span.end <= page.body->size());
    must(span.end - span.begin <= limits.longest);
    auto text =
      std::string_view{*page.body}.substr(span.begin, span.end - span.begin);
    must(text.find('\n') == text.npos);
    any_value accept;
    must(!read_json(text, 0, accept));
    last = span.end;
  }
  must(page.captures.size() == 1
       || last - page.captures.front().begin <= limits.bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  load_limits limits;
  limits.captures = 1 + in.below(5);
  limits.bytes = 1 + in.below(250);
  limits.longest = 1 + in.below(250);
  auto restart_after = in.below(20);
  loaded_file known;
  known.path = fuzz::write_file("captures", in.rest()).native();
  auto goes_on = [end = std::chrono::steady_clock::now()
                        + std::chrono::milliseconds{300}] {
    return std::chrono::steady_clock::now() < end;
  };
  auto file = continue_file(known, limits, goes_on);
  must(file.engaged());
  std::optional<open_capture_file> again;
  for (size_t i = 0; i < most_pages && goes_on(); ++i) {
    auto before = file->lines.offset();
    auto page = file->lines.next();
    must(before <= file->lines.offset());
    if (page && *page)
      check_page(**page, limits);
    if (again) {
      auto same = again->lines.next();
      must(page.engaged() == same.engaged());
      must(!page || page->has_value() == same->has_value());
      must(!page || !*page || *(*page)->body == *(*same)->body);
    }
    if (!page || !*page)
      break;
    if (i != restart_after)
      continue;
    known.offset = file->lines.offset();
    known.hash = file->lines.hash();
    auto opened = continue_file(known, limits, goes_on);
    if (opened)
      again = std::move(*opened);
    else
      must(code_of(opened.error()) == ec::interrupted);
  }
  return 0;
}
