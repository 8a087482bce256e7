// The table of a sqlite sink, as SQL: what it should look like, whether the one
// in a database does, and the statements that write it. Names are quoted.

#pragma once

#include "actors/sinks/sqlite_options.hpp"
#include "core/db/sqlite.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class sqlite_table {
public:
  /// The table with the position of each job and sink.
  static constexpr std::string_view position_table = "sluice_sink";
  static constexpr const char* position_definition =
    "CREATE TABLE IF NOT EXISTS sluice_sink (job TEXT NOT NULL, sink TEXT NOT "
    "NULL, delivery INTEGER NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (job, "
    "sink))";

  /// Bytes of SQL in a message: more than that of all columns.
  static constexpr size_t longest_sql = 16 * 1024;

  explicit sqlite_table(const sqlite_options& options);

  /// In the order of the statement `insert`.
  [[nodiscard]] std::vector<std::string> column_names() const;

  /// Creates the table if it is absent and may be created, else checks that
  /// rows can be added to it. REQUIRES: a transaction. Errors: ec::usage with
  /// the SQL that is missing, and those of the database.
  [[nodiscard]] caf::error prepare(sqlite::database& db) const;

  /// The same check; what would be created need not be there.
  [[nodiscard]] caf::error check(sqlite::database& db) const;

  /// The SQL that creates both tables and the index.
  [[nodiscard]] std::string definitions() const;

  /// Adds a row: ?1, ?2, … are its values.
  [[nodiscard]] const std::string& insert() const { return insert_; }
  /// Deletes the rows of job ?1 after delivery ?2.
  [[nodiscard]] const std::string& cut_back() const { return cut_back_; }

private:
  /// What must be stored as it is.
  enum class value_form { any, text, integer };
  struct part {
    std::string name;
    std::string declared; ///< its type in CREATE TABLE; empty: none
    value_form needs;
  };
  struct found_columns;
  [[nodiscard]] static part part_of(const column& of);
  [[nodiscard]] static const char*
  change_by(const part& of, const std::string& declared);
  [[nodiscard]] std::string definition() const;
  [[nodiscard]] std::string index_definition(const std::string& name) const;
  [[nodiscard]] std::string index_name(int number) const;
  [[nodiscard]] static caf::expected<bool>
  has_any(sqlite::database& db, std::string_view name);
  [[nodiscard]] caf::error create(sqlite::database& db) const;
  [[nodiscard]] caf::error
  compare(sqlite::database& db, const found_columns& found) const;
  [[nodiscard]] caf::error
  compare_other(sqlite::database& db, const found_columns& found) const;
  [[nodiscard]] caf::expected<found_columns> find(sqlite::database& db) const;
  [[nodiscard]] caf::error
  wrong(sqlite::database& db, const std::string& what) const;

  std::string name_;
  std::vector<part> parts_;
  bool create_;
  std::string insert_;
  std::string cut_back_;
};

/// A name as SQL writes it: "a""b".
[[nodiscard]] std::string quoted_name(std::string_view name);

} // namespace sluice
