// A sqlite sink on a database in a temporary folder, and what the database then
// has.

#pragma once

#include "actors/sinks/sqlite.hpp"
#include "core/db/sqlite.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/sink_sections.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::test {

using strings = std::vector<std::string>;

class sqlite_fixture {
public:
  sqlite_fixture() {
    options.path = folder / "out.db";
    options.patience = std::chrono::milliseconds{20};
  }

  /// Any database of the folder, as another program would open it.
  [[nodiscard]] std::unique_ptr<sqlite::database>
  other_program(const std::string& name = "out.db") const {
    auto purpose = sqlite::ledger_purpose();
    purpose.has_our_schema = false;
    purpose.patience = std::chrono::milliseconds{0};
    auto db = sqlite::database::open(folder / name, purpose);
    REQUIRE(db);
    return std::move(*db);
  }

  void script(const char* sql) const {
    auto err = other_program()->script(sql);
    CAPTURE(what_of(err));
    REQUIRE_FALSE(err);
  }

  /// The first column of every row.
  [[nodiscard]] strings
  query(const std::string& sql, const std::string& name = "out.db") const {
    auto db = other_program(name);
    auto row = db->use(sql);
    strings out;
    while (row.next())
      out.push_back(row.text(0));
    CAPTURE(sql, what_of(row.error()));
    REQUIRE_FALSE(row.error());
    return out;
  }

  [[nodiscard]] std::unique_ptr<sink> made() const {
    return make_sqlite_sink(context, options);
  }

  /// A sink at the job's first start, with its first position in `committed`.
  [[nodiscard]] std::unique_ptr<sink> begun() {
    auto result = made();
    must(result->open(std::nullopt));
    commit(*result);
    return result;
  }

  /// A sink of the job's next process.
  [[nodiscard]] std::unique_ptr<sink> continued() const {
    auto result = made();
    must(result->open(committed));
    return result;
  }

  void commit(sink& of) {
    auto position = of.checkpoint();
    CAPTURE(position ? "" : what_of(position.error()));
    REQUIRE(position);
    committed = *position;
  }

  static void must(const caf::error& err) {
    CAPTURE(what_of(err));
    REQUIRE_FALSE(err);
  }

  temp_folder folder;
  sink_context context{"job-1", "rows"};
  sqlite_options options;
  sink_position committed;
};

} // namespace sluice::test
