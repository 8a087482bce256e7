// How fast the sinks that write rows are, next to a bare loop that stores the
// same rows in the same transactions: pages of 100 captures of 2 KB, five
// columns and the capture. Both write to the folder given, or to the temporary
// one. Also what a page costs that has one bad row. Without a PostgreSQL server
// it measures SQLite alone.

#include "actors/sinks/registry.hpp"
#include "bench/bare_rows.hpp"
#include "bench/captures.hpp"
#include "bench/figure.hpp"
#include "core/select/row_selector.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/sink_sections.hpp"
#include "tests/support/temp_folder.hpp"

#include <chrono>
#include <stdexcept>

namespace {

using namespace sluice;
using clock_type = std::chrono::steady_clock;

constexpr size_t rows_per_page = 100;
constexpr size_t pages_per_commit = 10;
constexpr size_t page_count = 200;
constexpr int rounds = 5;

column_list wanted_columns() {
  return {test::column_of("url", "/url"),
          test::column_of("title", "/data/title"),
          test::column_of("price", "/data/price", column_type::number),
          test::column_of("image", "/data/images/0"),
          {.name = "run", .own = own_value::run}};
}

struct work {
  std::vector<capture_page> pages;
  std::vector<std::vector<bench::bare_row>> rows;
};

work make_work() {
  work out;
  row_selector selector{wanted_columns()};
  own_values own{.run = "run_1"};
  for (size_t i = 0; i < page_count; ++i) {
    std::vector<std::string> captures;
    auto& rows = out.rows.emplace_back();
    for (size_t j = 0; j < rows_per_page; ++j) {
      auto& capture =
        captures.emplace_back(bench::make_capture(i * rows_per_page + j));
      auto& row = rows.emplace_back();
      for (auto& found : selector.select(capture, own)) {
        std::string scratch;
        text_losses losses;
        row.emplace_back(cell_text(found, scratch, losses));
      }
      row.push_back(capture);
    }
    out.pages.push_back(test::page_of(i + 1, captures));
  }
  return out;
}

void must(const caf::error& err) {
  if (err)
    throw std::runtime_error(what_of(err));
}

/// Rows per second of a new sink.
double rate_of_sink(const std::string& type, const test::given_values& given,
                    const work& todo) {
  auto& found = *find_sink_type(type);
  auto sink = found.make({"job", "sink"}, test::section_of(found.spec, given));
  must(sink->open(std::nullopt));
  auto begin = clock_type::now();
  for (size_t i = 0; i < todo.pages.size(); ++i) {
    must(sink->write(todo.pages[i]));
    if ((i + 1) % pages_per_commit == 0)
      if (auto position = sink->checkpoint(); !position)
        must(position.error());
  }
  std::chrono::duration<double> took = clock_type::now() - begin;
  must(sink->close());
  return static_cast<double>(todo.pages.size() * rows_per_page) / took.count();
}

template <class Body>
double rate_of(const Body& body) {
  auto begin = clock_type::now();
  body();
  std::chrono::duration<double> took = clock_type::now() - begin;
  return static_cast<double>(page_count * rows_per_page) / took.count();
}

bool compare(const std::string& name, std::vector<double> sink,
             std::vector<double> bare) {
  std::vector<double> ratios;
  for (size_t i = 0; i < sink.size(); ++i)
    ratios.push_back(sink[i] / bare[i]);
  auto ratio = bench::median(std::move(ratios));
  return bench::figure(name,
                       bench::text_of("%.0f rows/s, %.2f of a bare loop",
                                      bench::median(std::move(sink)), ratio),
                       ">= 0.85", ratio >= 0.85);
}

bool measure_sqlite(const work& todo) {
  std::vector<double> sink, bare;
  for (auto i = 0; i < rounds; ++i) {
    test::temp_folder folder;
    sink.push_back(rate_of_sink(
      "sqlite",
      {{"path", (folder / "sink.db").string()}, {"columns", wanted_columns()}},
      todo));
    bare.push_back(rate_of([&] {
      bench::insert_bare(folder / "bare.db", todo.rows, pages_per_commit);
    }));
  }
  return compare("sqlite sink, rows of 2 KB", std::move(sink), std::move(bare));
}

bool measure_postgres(test::postgres_server& server, const work& todo) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < todo.rows.size(); ++i)
    texts.push_back(bench::copy_text(todo.rows[i], i + 1));
  std::vector<double> sink, bare;
  for (auto i = 0; i < rounds; ++i) {
    sink.push_back(rate_of_sink(
      "postgres",
      {{"dsn", secret{[dsn = server.new_database()] { return dsn; }}},
       {"table", std::string{"captures"}},
       {"create", true},
       {"columns", wanted_columns()}},
      todo));
    auto dsn = server.new_database();
    bare.push_back(rate_of([&] { bench::copy_bare(dsn, texts); }));
  }
  return compare("postgres sink, rows of 2 KB", std::move(sink),
                 std::move(bare));
}

} // namespace

int main() {
  auto todo = make_work();
  auto holds = measure_sqlite(todo);
  if (auto* server = test::postgres_server::find())
    holds = measure_postgres(*server, todo) && holds;
  return holds ? 0 : 1;
}
