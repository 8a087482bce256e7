// How fast rows are selected on one core: five columns of captures of 2 KB,
// mostly text, and of captures of 300 bytes with many small members.

#include "bench/captures.hpp"
#include "bench/figure.hpp"
#include "core/select/row_selector.hpp"

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace {

using namespace sluice;

column_list large_columns() {
  return {{.name = "url", .from = {"/url"}},
          {.name = "title", .from = {"/data/title", "/title"}},
          {.name = "price",
           .from = {"/data/price"},
           .type = column_type::number,
           .on_missing = gap_rule::stop},
          {.name = "image", .from = {"/data/images/0"}},
          {.name = "run", .own = own_value::run}};
}

column_list small_columns() {
  auto columns = large_columns();
  columns[1].from = {"/data/sku"};
  columns[3].from = {"/data/brand"};
  return columns;
}

/// Selects rows until some 400 MB are read. Returns false if it took longer
/// than `goal`, in MB per CPU second, allows.
bool measure(const char* name, std::string (*capture)(size_t),
             column_list columns, double goal) {
  std::vector<std::string> captures;
  size_t bytes = 0;
  for (size_t i = 0; i < 100; ++i)
    bytes += captures.emplace_back(capture(i)).size();
  row_selector selector{std::move(columns)};
  own_values own{.run = "run_1"};
  auto rounds = static_cast<int>(400'000'000 / bytes);
  size_t selected = 0;
  auto begin = std::clock(); // CPU time, so other programs do not count
  for (int i = 0; i < rounds; ++i)
    for (auto& each : captures)
      for (auto& found : selector.select(each, own))
        selected += found.is_null() ? 0 : 1;
  auto took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  auto rows = static_cast<double>(captures.size()) * rounds;
  auto rate = static_cast<double>(bytes) * rounds / took / 1e6;
  std::printf("%.0f ns a row, %.1f columns of 5 have values\n",
              took / rows * 1e9, static_cast<double>(selected) / rows);
  return bench::figure(name, bench::text_of("%.0f MB per CPU second", rate),
                       bench::text_of(">= %.0f", goal), rate >= goal);
}

} // namespace

int main() {
  auto large = measure("selecting 5 columns of captures of 2 KB",
                       bench::make_capture, large_columns(), 600);
  auto small = measure("selecting 5 columns of captures of 300 bytes",
                       bench::make_small_capture, small_columns(), 150);
  return large && small ? 0 : 1;
}
