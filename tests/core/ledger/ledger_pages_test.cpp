// What a ledger writes: SQLite writes whole pages, first into the -wal.

#include "core/db/sqlite.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

constexpr size_t large_run = 100;

struct pages_fixture : ledger_fixture {
  [[nodiscard]] uint64_t wal_bytes() const {
    auto wal = file;
    return fs::file_size(wal += "-wal");
  }

  /// Takes the next batch through a run of two pages, with a transaction for
  /// each change.
  void run_next() {
    auto key = ended();
    run_progress page{key,
                      {"next", 1, large_run / 2, 0, 0, coverage_bits(13, 0x55)},
                      std::vector<capture_identity>(large_run / 2),
                      std::nullopt};
    commit(page);
    page.done = run_result{};
    commit(page);
  }

  void commit(const run_progress& page) {
    auto position = std::to_string(++delivery);
    must(store->commit({delivery, {{"all", position}}, {page}, {1, 1, 0}}));
  }

  static int64_t page_size_of(const fs::path& file) {
    auto db = must(sqlite::database::open(file));
    auto row = db->use("PRAGMA page_size");
    REQUIRE(row.next());
    return row.integer(0);
  }

  /// The largest -wal during `runs` runs.
  uint64_t largest_wal(size_t runs) {
    uint64_t result = 0;
    while (runs-- > 0) {
      run_next();
      result = std::max(result, wal_bytes());
    }
    return result;
  }

  uint64_t delivery = 0;
};

} // namespace

TEST_CASE_METHOD(pages_fixture, "a run writes at most 35 KB into the -wal",
                 "[ledger]") {
  constexpr uint64_t runs = 30;
  open_imported(2 * runs, large_run);
  run_next();
  auto before = wal_bytes();
  for (uint64_t i = 0; i < runs; ++i)
    run_next();
  CHECK(wal_bytes() > before);
  CHECK((wal_bytes() - before) / runs <= 35'000);
}

TEST_CASE_METHOD(pages_fixture,
                 "the -wal is reused from 4 MiB on, whatever the size of the "
                 "ledger's pages",
                 "[ledger]") {
  auto pages = GENERATE(1'024, 4'096);
  if (pages == 4'096) { // as earlier versions made them
    auto sql = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL";
    must(must(sqlite::database::open(file))->script(sql));
  }
  auto runs = pages == 1'024 ? 200u : 60u;
  open_imported(runs, large_run);
  CHECK(page_size_of(file) == pages);
  auto largest = largest_wal(runs);
  CHECK(largest > 4'000'000);
  CHECK(largest < 4'600'000);
}
