// How fast pages are split on one core. The pages have 200 KB with captures of
// 2 KB each. Goal: at least 300 MB/s.

#include "bench/figure.hpp"
#include "core/api/page_splitter.hpp"

#include <cstdio>
#include <ctime>
#include <string>

namespace {

using namespace sluice;

constexpr double goal = 300;

std::string make_capture(size_t number) {
  auto id = std::to_string(number);
  auto text = R"({"_id":"cap_)" + id + R"(","url":"https://shop.example/p/)"
              + id + R"(","data":{"title":"Running shoe )" + id
              + R"(","price":89.90,"available":true,"sizes":[40,41,42.5],)"
              + R"("images":[)";
  for (int i = 0; i < 8; ++i)
    text += (i > 0 ? "," : "") + std::string{R"("https://img.example/)"} + id
            + "/" + std::to_string(i) + R"(.jpg")";
  text += R"(],"description":")";
  while (text.size() < 1900)
    text += "Light, quiet and made for long roads; \\\"as new\\\". ";
  return text + R"("},"robotId":"rbt_1","runId":"run_1"})";
}

std::string make_page(size_t captures) {
  std::string page = R"({"items":[)";
  for (size_t i = 0; i < captures; ++i)
    page += (i > 0 ? "," : "") + make_capture(i);
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

} // namespace

int main() {
  page_splitter splitter{extralt()};
  auto page = make_page(100);
  constexpr int rounds = 4'000;
  size_t captures = 0;
  auto begin = std::clock(); // CPU time, so other programs do not count
  for (int i = 0; i < rounds; ++i)
    captures += splitter.split(page)->captures.size();
  auto took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  auto rate = static_cast<double>(page.size()) * rounds / took / 1e6;
  std::printf("%.0f captures/s, pages of %zu bytes\n",
              static_cast<double>(captures) / took, page.size());
  auto good = bench::figure("splitting pages of 200 KB",
                            bench::text_of("%.0f MB per CPU second", rate),
                            bench::text_of(">= %.0f", goal), rate >= goal);
  return good ? 0 : 1;
}
