// A job whose captures go into a database.

#include "core/db/sqlite.hpp"
#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* database_sink = R"(  - type: sqlite
    path: captures.db
    columns:
      - {name: id, from: [/_id, /id]}
      - {name: price, from: [/data/price, /price], type: number}
      - {name: nothing, from: [/data/discount, /discount]}
      - {name: brand, from: [/data/brand, /brand], type: integer}
)";

struct fixture : slow_job {
  fixture() { write_config(database_sink); }

  /// Starts the job and kills it once it has delivered more.
  void kill_midway() const {
    auto before = written();
    program running{command()};
    for (auto tries = 0; tries < 3'000 && written() <= before; ++tries)
      std::this_thread::sleep_for(5ms);
    running.signal(SIGKILL);
    (void)running.wait();
  }

  /// The number that a query answers.
  [[nodiscard]] uint64_t number(const char* sql) const {
    auto db = sqlite::database::open(file("captures.db"));
    REQUIRE(db);
    auto row = (*db)->use(sql);
    REQUIRE(row.next());
    return row.count(0);
  }

  [[nodiscard]] uint64_t
  gaps(const std::string& column, const std::string& reason) const {
    return status_of("/row_sinks/0/columns/" + column + "/" + reason);
  }
};

} // namespace

TEST_CASE_METHOD(
  fixture,
  "a database and the account of its gaps are exact after a job was killed") {
  for (auto kills = 0; kills < 3; ++kills)
    kill_midway();
  auto result = run();
  INFO(result.err);
  auto rows = number("SELECT count(*) FROM captures");
  CHECK(rows == captures().lines);
  CHECK(rows == number("SELECT count(DISTINCT id) FROM captures"));
  CHECK(rows == number("SELECT count(*) FROM captures WHERE price = '12.340'"));
  CHECK(rows == number("SELECT rows FROM sluice_sink"));
  CHECK(rows == status_of("/row_sinks/0/rows"));
  CHECK(gaps("1", "missing") == 0);
  CHECK(gaps("2", "missing") == rows);
  CHECK(gaps("3", "mismatched") == rows);
  CHECK_THAT(result.err, Catch::Contains("Rows of sink 'sqlite-1'"));
}
