#include "actors/sinks/sqlite_table.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <map>

namespace sluice {

namespace {

constexpr const char* job_column = "sluice_job";
constexpr const char* delivery_column = "sluice_delivery";

/// How SQLite converts what is stored in a column.
enum class affinity { text, integer, blob, real, numeric };

/// That of a declared type, by the rules of
/// https://sqlite.org/datatype3.html#determination_of_column_affinity.
affinity affinity_of(const std::string& declared) {
  auto type = lower_case(declared);
  auto has = [&](const char* word) { return type.find(word) != type.npos; };
  if (has("int"))
    return affinity::integer;
  if (has("char") || has("clob") || has("text"))
    return affinity::text;
  if (type.empty() || has("blob"))
    return affinity::blob;
  return has("real") || has("floa") || has("doub") ? affinity::real
                                                   : affinity::numeric;
}

bool keeps_text(const std::string& declared) {
  auto kind = affinity_of(declared);
  return kind == affinity::text || kind == affinity::blob;
}

bool keeps_integers(const std::string& declared) {
  auto kind = affinity_of(declared);
  return kind != affinity::text && kind != affinity::real;
}

std::string
joined(const std::vector<std::string>& words, const char* between = ", ") {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : between) + word;
  return text;
}

} // namespace

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (auto c : name)
    out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

/// What a database has under the table's name.
struct sqlite_table::found_columns {
  struct one {
    std::string type;
    bool needs_value = false; ///< a row without it is refused
    bool is_generated = false;
  };
  std::map<std::string, one> by_name; ///< in lower case; empty: no such table
  bool is_view = false;
};

/// A number gets no declared type: a column with one converts 12.340 to 12.34,
/// and an integer of more than 64 bits to a REAL.
sqlite_table::part sqlite_table::part_of(const column& of) {
  switch (of.type) {
    case column_type::integer:
    case column_type::number:
      return {of.name, "", value_form::any};
    case column_type::boolean:
      return {of.name, "INTEGER", value_form::any};
    default:
      return {of.name, "TEXT", value_form::text};
  }
}

sqlite_table::sqlite_table(const sqlite_options& options)
    : name_(options.table), create_(options.create) {
  using form = sqlite_options::capture_form;
  for (const auto& one : options.columns)
    parts_.push_back(part_of(one));
  if (options.capture_as != form::none)
    parts_.push_back({options.capture,
                      options.capture_as == form::text ? "TEXT" : "BLOB",
                      value_form::text});
  parts_.push_back({job_column, "TEXT", value_form::text});
  parts_.push_back({delivery_column, "INTEGER", value_form::integer});
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const auto& one : parts_) {
    names.push_back(quoted_name(one.name));
    values.push_back("?" + std::to_string(names.size()));
  }
  insert_ = "INSERT INTO " + quoted_name(name_) + " (" + joined(names)
            + ") VALUES (" + joined(values) + ")";
  cut_back_ = "DELETE FROM " + quoted_name(name_) + " WHERE " + job_column
              + " = ?1 AND " + delivery_column + " > ?2";
}

std::vector<std::string> sqlite_table::column_names() const {
  std::vector<std::string> names;
  for (const auto& one : parts_)
    names.push_back(one.name);
  return names;
}

std::string sqlite_table::definition() const {
  std::vector<std::string> columns;
  for (const auto& one : parts_)
    columns.push_back(quoted_name(one.name)
                      + (one.declared.empty() ? "" : " " + one.declared));
  return "CREATE TABLE " + quoted_name(name_) + " (" + joined(columns) + ")";
}

/// A database may have the first of these names for something else.
std::string sqlite_table::index_name(int number) const {
  return name_ + "_sluice_delivery"
         + (number > 1 ? "_" + std::to_string(number) : "");
}

std::string sqlite_table::index_definition(const std::string& name) const {
  return "CREATE INDEX " + quoted_name(name) + " ON " + quoted_name(name_)
         + " (" + job_column + ", " + delivery_column + ")";
}

/// What a column of type `declared` does to the values of a part; nullptr if it
/// keeps them.
const char*
sqlite_table::change_by(const part& of, const std::string& declared) {
  if (of.needs == value_form::text && !keeps_text(declared))
    return "changes texts that look like numbers: name a column of type TEXT";
  if (of.needs == value_form::integer && !keeps_integers(declared))
    return "changes integers: give it the type INTEGER";
  return nullptr;
}

std::string sqlite_table::definitions() const {
  return definition() + "; " + index_definition(index_name(1)) + "; "
         + position_definition + ";";
}

/// Whether the database has a table, an index or anything else of this name.
caf::expected<bool>
sqlite_table::has_any(sqlite::database& db, std::string_view name) {
  auto row =
    db.use("SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE", name);
  auto found = row.next();
  if (auto err = row.error())
    return err;
  return found;
}

caf::expected<sqlite_table::found_columns>
sqlite_table::find(sqlite::database& db) const {
  found_columns found;
  auto row = db.use("SELECT name, type, \"notnull\" AND dflt_value IS NULL AND "
                    "pk = 0, hidden > 1 FROM pragma_table_xinfo(?1)",
                    name_);
  while (row.next())
    found.by_name[lower_case(row.text(0))] = {row.text(1), row.integer(2) != 0,
                                              row.integer(3) != 0};
  if (auto err = row.error())
    return err;
  auto view = db.use("SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name "
                     "= ?1 COLLATE NOCASE",
                     name_);
  found.is_view = view.next();
  if (auto err = view.error())
    return err;
  return found;
}

caf::error
sqlite_table::wrong(sqlite::database& db, const std::string& what) const {
  return make_error(ec::usage, "the table '" + printable(name_) + "' of "
                                 + db.title() + " " + what);
}

caf::error
sqlite_table::compare(sqlite::database& db, const found_columns& found) const {
  if (found.is_view)
    return wrong(db, "is a view: name a table");
  std::vector<std::string> missing;
  for (const auto& one : parts_) {
    auto column = found.by_name.find(lower_case(one.name));
    if (column == found.by_name.end())
      missing.push_back("ALTER TABLE " + quoted_name(name_) + " ADD COLUMN "
                        + quoted_name(one.name)
                        + (one.declared.empty() ? "" : " " + one.declared)
                        + ";");
    else if (column->second.is_generated)
      return wrong(db, "computes its column '" + printable(one.name)
                         + "' itself: name another column");
    else if (auto change = change_by(one, column->second.type))
      return wrong(db, "has a column '" + printable(one.name) + "' of type "
                         + printable(column->second.type) + ", which "
                         + change);
  }
  if (!missing.empty())
    return wrong(db, "lacks columns. It is never altered: add them yourself, "
                     "or name another table. `"
                       + printable(joined(missing, " "), longest_sql) + "`");
  return compare_other(db, found);
}

/// Checks the columns that get no value.
caf::error sqlite_table::compare_other(sqlite::database& db,
                                       const found_columns& found) const {
  for (const auto& column : found.by_name) {
    const auto& name = column.first;
    auto is_ours =
      std::any_of(parts_.begin(), parts_.end(), [&](const auto& one) {
        return lower_case(one.name) == name;
      });
    if (!is_ours && column.second.needs_value)
      return wrong(db, "needs a value for its column '" + printable(name)
                         + "', which this sink does not write: add it to "
                           "'columns', or give it a default");
  }
  return {};
}

caf::error sqlite_table::check(sqlite::database& db) const {
  auto found = find(db);
  if (!found)
    return found.error();
  if (!found->by_name.empty())
    if (auto err = compare(db, *found))
      return err;
  if (create_)
    return {};
  auto has_positions = has_any(db, position_table);
  if (!has_positions)
    return has_positions.error();
  if (!found->by_name.empty() && *has_positions)
    return {};
  return make_error(
    ec::usage, db.title() + " lacks the table '"
                 + printable(found->by_name.empty() ? std::string_view{name_}
                                                    : position_table)
                 + "'. Set 'create: true', or create what it lacks: `"
                 + printable(definitions(), longest_sql) + "`");
}

caf::error sqlite_table::prepare(sqlite::database& db) const {
  auto found = find(db);
  if (!found)
    return found.error();
  return found->by_name.empty() && create_ ? create(db) : check(db);
}

caf::error sqlite_table::create(sqlite::database& db) const {
  if (auto err = db.script(definition().c_str()))
    return err;
  for (auto number = 1;; ++number) {
    auto name = index_name(number);
    auto is_taken = has_any(db, name);
    if (!is_taken)
      return is_taken.error();
    if (!*is_taken)
      return db.script(index_definition(name).c_str());
  }
}

} // namespace sluice
