// How fast pages are split on one core. The pages have 200 KB: captures of 2
// KB, mostly text, or captures of 300 bytes with many small members.

#include "bench/captures.hpp"
#include "bench/figure.hpp"
#include "core/api/page_splitter.hpp"

#include <cstdio>
#include <ctime>
#include <string>

namespace {

using namespace sluice;

std::string make_page(size_t bytes, std::string (*capture)(size_t)) {
  std::string page = R"({"items":[)";
  for (size_t i = 0; page.size() < bytes; ++i)
    page += (i > 0 ? "," : "") + capture(i);
  return page + R"(],"nextCursor":"c2"})";
}

results_dialect extralt() {
  results_dialect dialect;
  dialect.items = {"/items", ""};
  dialect.item_id = {"/_id", "/id"};
  dialect.item_url = {"/url"};
  dialect.page.by = pagination::kind::cursor;
  dialect.page.next = {"/nextCursor"};
  return dialect;
}

/// Splits a page until some 800 MB are split. Returns false if it took longer
/// than `goal`, in MB per CPU second, allows.
bool measure(const char* name, const std::string& page, double goal) {
  page_splitter splitter{extralt()};
  auto rounds = static_cast<int>(800'000'000 / page.size());
  size_t captures = 0;
  auto begin = std::clock(); // CPU time, so other programs do not count
  for (int i = 0; i < rounds; ++i)
    captures += splitter.split(page)->captures.size();
  auto took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  auto rate = static_cast<double>(page.size()) * rounds / took / 1e6;
  std::printf("%.0f captures/s, pages of %zu bytes\n",
              static_cast<double>(captures) / took, page.size());
  return bench::figure(name, bench::text_of("%.0f MB per CPU second", rate),
                       bench::text_of(">= %.0f", goal), rate >= goal);
}

} // namespace

int main() {
  constexpr size_t page_bytes = 200'000;
  auto large = measure("splitting pages of 200 KB, captures of 2 KB",
                       make_page(page_bytes, bench::make_capture), 300);
  auto small = measure("splitting pages of 200 KB, captures of 300 bytes",
                       make_page(page_bytes, bench::make_small_capture), 150);
  return large && small ? 0 : 1;
}
