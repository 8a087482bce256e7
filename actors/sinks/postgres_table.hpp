// The tables of a postgres sink, as SQL: what they should look like, whether
// those in a database do, and the statements that write them. Names are quoted.

#pragma once

#include "actors/sinks/postgres_options.hpp"
#include "core/db/postgres.hpp"

#include <string>
#include <vector>

namespace sluice {

class postgres_table {
public:
  /// The table with the position of each job and sink.
  static constexpr const char* positions_name = "sluice_sink";
  /// Where an upsert puts a page first, in the session's own schema, and its
  /// column with the row's number in the page.
  static constexpr const char* staging_name = "sluice_page";
  static constexpr const char* row_number = "sluice_row";

  explicit postgres_table(const postgres_options& options);

  /// In the order of a row, without `row_number`.
  [[nodiscard]] std::vector<std::string> column_names() const;
  /// The table `positions_name`, in the same schema.
  [[nodiscard]] postgres::table_name positions() const;

  /// Creates what is absent and may be created; else checks it. Errors:
  /// ec::usage with the SQL to run, and those of the connection.
  [[nodiscard]] caf::error prepare(postgres::connection& db) const;

  /// Checks the tables of a job that has written to them, and creates nothing.
  /// Errors: ec::disk (one is gone); those of `prepare`.
  [[nodiscard]] caf::error check_kept(postgres::connection& db) const;

  /// The SQL that `prepare` would run: empty if everything is there. Changes
  /// nothing. Errors: those of `prepare`.
  [[nodiscard]] caf::expected<std::string>
  missing_sql(postgres::connection& db) const;

  // The statements that store rows.
  [[nodiscard]] bool is_staged() const { return is_upsert_; }
  /// The table that COPY fills, as its errors name it.
  [[nodiscard]] std::string copied_to() const;
  [[nodiscard]] std::string copy_sql() const;
  [[nodiscard]] std::string staging_ddl() const;
  /// Moves the staged rows into the table.
  [[nodiscard]] std::string upsert_sql() const;
  /// Undoes the rows of job $1 after delivery $2.
  [[nodiscard]] std::string undo_sql() const;

private:
  struct part {
    std::string name;
    std::string type;               ///< in CREATE TABLE
    std::vector<std::string> types; ///< that can hold its values
    std::string categories{};       ///< of types that can, as pg_type has them
  };
  struct found_column;

  [[nodiscard]] static part part_of(const column& of);
  [[nodiscard]] std::string names() const;
  [[nodiscard]] std::string keys(const std::string& before = {}) const;
  [[nodiscard]] std::string ddl() const;
  [[nodiscard]] caf::expected<bool>
  exists(postgres::connection& db, const postgres::table_name& name) const;
  [[nodiscard]] static caf::error
  create(postgres::connection& db, const std::string& sql);
  [[nodiscard]] caf::error check(postgres::connection& db) const;
  [[nodiscard]] caf::error
  check_columns(const std::vector<found_column>& found) const;
  [[nodiscard]] caf::error
  check_others(const std::vector<found_column>& found) const;
  [[nodiscard]] caf::error check_key(postgres::connection& db) const;
  [[nodiscard]] caf::error wrong(const std::string& what) const;

  postgres::table_name name_;
  std::vector<part> parts_;
  std::vector<std::string> key_;
  bool is_upsert_;
  bool create_;
};

} // namespace sluice
