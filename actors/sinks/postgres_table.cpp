#include "actors/sinks/postgres_table.hpp"

#include "actors/sinks/postgres_pages.hpp"

#include <algorithm>

namespace sluice {

namespace {

using postgres::quote_name;
using form = postgres_options::capture_form;

std::string type_of(form as) {
  return std::string{word_of(postgres_options::capture_form_words, as)};
}

std::vector<std::string> types_for(form as) {
  return as == form::text
           ? std::vector<std::string>{"text", "character varying"}
           : std::vector<std::string>{type_of(as)};
}

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

} // namespace

/// A column of the table in the database.
struct postgres_table::found_column {
  std::string name;
  std::string type; ///< of a domain, the type below
  std::string category;
  bool is_required;  ///< NOT NULL, without a default
  bool is_generated; ///< nothing can be written to it

  [[nodiscard]] bool holds(const part& of) const {
    return !is_generated
           && (has(of.types, type)
               || of.categories.find(category) != std::string::npos);
  }
};

postgres_table::postgres_table(const postgres_options& options)
    : name_{options.table},
      key_{options.key},
      is_upsert_{options.mode == postgres_options::write_mode::upsert},
      create_{options.create} {
  for (const auto& of : options.columns)
    parts_.push_back(part_of(of));
  if (options.capture_as != form::none)
    parts_.push_back({options.capture, type_of(options.capture_as),
                      types_for(options.capture_as)});
  parts_.push_back({"sluice_job", "text", {"text", "character varying"}});
  parts_.push_back({"sluice_delivery", "bigint", {"bigint"}});
}

/// The categories: S string, E enum, N number, B boolean.
postgres_table::part postgres_table::part_of(const column& of) {
  switch (of.type) {
    case column_type::integer:
    case column_type::number:
      return {of.name, "numeric", {}, "NS"};
    case column_type::boolean:
      return {of.name, "boolean", {}, "BS"};
    case column_type::time: // without a time zone, it would lose its own
      return {of.name, "timestamptz", {"timestamp with time zone"}, "S"};
    case column_type::json:
      return {of.name, "json", {"json", "jsonb"}, "S"};
    case column_type::text:
      break;
  }
  return {of.name, "text", {"uuid"}, "SE"};
}

std::vector<std::string> postgres_table::column_names() const {
  std::vector<std::string> out;
  for (const auto& one : parts_)
    out.push_back(one.name);
  return out;
}

postgres::table_name postgres_table::positions() const {
  return name_.beside(positions_name);
}

std::string postgres_table::names() const {
  std::string out;
  for (const auto& one : parts_)
    out += (out.empty() ? "" : ", ") + quote_name(one.name);
  return out;
}

std::string postgres_table::keys(const std::string& before) const {
  std::string out;
  for (const auto& one : key_)
    out += (out.empty() ? "" : ", ") + before + quote_name(one);
  return out;
}

std::string postgres_table::ddl() const {
  std::string columns;
  for (const auto& one : parts_)
    columns +=
      (columns.empty() ? "" : ", ") + quote_name(one.name) + " " + one.type;
  if (is_upsert_)
    columns += ", PRIMARY KEY (" + keys() + ")";
  return "CREATE TABLE " + name_.sql() + " (" + columns + "); CREATE INDEX ON "
         + name_.sql() + " (sluice_job, sluice_delivery)";
}

std::string postgres_table::copied_to() const {
  return is_upsert_ ? staging_name : name_.table;
}

std::string postgres_table::copy_sql() const {
  return is_upsert_
           ? "COPY pg_temp." + quote_name(staging_name) + " (" + names() + ", "
               + quote_name(row_number) + ") FROM STDIN"
           : "COPY " + name_.sql() + " (" + names() + ") FROM STDIN";
}

std::string postgres_table::staging_ddl() const {
  return "CREATE TEMP TABLE IF NOT EXISTS " + quote_name(staging_name)
         + " ON COMMIT DELETE ROWS AS SELECT " + names() + ", 0::bigint AS "
         + quote_name(row_number) + " FROM " + name_.sql() + " WITH NO DATA";
}

/// Of a page's rows with one key, only the last: a row cannot be changed twice
/// by one statement. Jobs that write the same keys lock them in the same order.
/// Deliveries are numbered by each job for itself, so only those of one job can
/// be compared.
std::string postgres_table::upsert_sql() const {
  std::string changes;
  for (const auto& one : parts_)
    changes += (changes.empty() ? "" : ", ") + quote_name(one.name)
               + " = excluded." + quote_name(one.name);
  return "INSERT INTO " + name_.sql() + " AS t (" + names() + ") SELECT "
         + names() + " FROM (SELECT DISTINCT ON (" + keys()
         + ") * FROM pg_temp." + quote_name(staging_name) + " ORDER BY "
         + keys() + ", " + quote_name(row_number) + " DESC) AS page ORDER BY "
         + keys() + " ON CONFLICT (" + keys() + ") DO UPDATE SET " + changes
         + " WHERE t.sluice_job IS DISTINCT FROM excluded.sluice_job"
           " OR excluded.sluice_delivery >= t.sluice_delivery";
}

std::string postgres_table::undo_sql() const {
  std::string which = " WHERE sluice_job = $1 AND sluice_delivery > $2";
  return is_upsert_
           ? "UPDATE " + name_.sql() + " SET sluice_delivery = $2" + which
           : "DELETE FROM " + name_.sql() + which;
}

caf::expected<bool>
postgres_table::exists(postgres::connection& db,
                       const postgres::table_name& name) const {
  auto found =
    db.run("SELECT pg_catalog.to_regclass($1) IS NOT NULL", name.sql());
  if (!found)
    return found.error();
  return found->text(0, 0) == "t";
}

caf::expected<std::string>
postgres_table::missing_sql(postgres::connection& db) const {
  std::string out;
  auto positions_there = exists(db, positions());
  if (!positions_there)
    return positions_there.error();
  if (!*positions_there)
    out = positions_ddl(positions()) + "; ";
  auto there = exists(db, name_);
  if (!there)
    return there.error();
  if (!*there)
    return out + ddl();
  if (auto err = check(db))
    return err;
  return out;
}

caf::error postgres_table::prepare(postgres::connection& db) const {
  auto sql = missing_sql(db);
  if (!sql || sql->empty())
    return sql ? caf::error{} : sql.error();
  if (!create_)
    return make_error(ec::usage, "the database at " + db.name()
                                   + " has not all that the sink writes to. "
                                     "Set 'create: true', or run: "
                                   + *sql);
  if (auto err = create(db, *sql)) {
    // Another sink may have made some of it at the same time.
    auto left = missing_sql(db);
    if (!left)
      return err;
    if (!left->empty())
      err = create(db, *left);
    left = missing_sql(db);
    if (!left)
      return left.error();
    if (!left->empty())
      return err ? err : check(db);
  }
  return check(db);
}

caf::error
postgres_table::create(postgres::connection& db, const std::string& sql) {
  auto err = db.script("BEGIN; " + sql + "; COMMIT");
  if (err && db.is_usable())
    std::ignore = db.script("ROLLBACK");
  return err;
}

caf::error postgres_table::check_kept(postgres::connection& db) const {
  auto sql = missing_sql(db);
  if (!sql)
    return sql.error();
  if (sql->empty())
    return {};
  return make_error(ec::disk,
                    "the database at " + db.name()
                      + " no longer has what this job has written: it is "
                        "another database, or someone dropped a table. Nothing "
                        "was changed. Restore the database as it was, or begin "
                        "a new job. Missing: "
                      + *sql);
}

caf::error postgres_table::wrong(const std::string& what) const {
  return make_error(ec::usage,
                    "the table " + printable(name_.sql()) + " " + what);
}

caf::error postgres_table::check(postgres::connection& db) const {
  auto kind = db.run(
    "SELECT relkind, relpersistence,"
    " has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
    " AND has_table_privilege(oid, $2)"
    " FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)",
    name_.sql(), is_upsert_ ? "UPDATE" : "DELETE");
  if (!kind)
    return kind.error();
  if (kind->rows() != 1 || kind->text(0, 0) == "v" || kind->text(0, 0) == "m"
      || kind->text(0, 0) == "f")
    return wrong("is a view or a foreign table, which cannot be written to in "
                 "a transaction. Name an ordinary table.");
  if (kind->text(0, 1) != "p")
    return wrong("is UNLOGGED or temporary: a crash of the server would empty "
                 "it. Run: ALTER TABLE "
                 + name_.sql() + " SET LOGGED");
  if (kind->text(0, 2) != "t")
    return wrong("may not be written to by the DSN's user. Run: GRANT SELECT, "
                 "INSERT, "
                 + std::string{is_upsert_ ? "UPDATE" : "DELETE"} + " ON "
                 + name_.sql() + " TO that user");
  auto columns =
    db.run("SELECT a.attname, pg_catalog.format_type("
           "CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL),"
           " t.typcategory,"
           " a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',"
           " a.attgenerated <> '' FROM pg_catalog.pg_attribute AS a"
           " JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid"
           " WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0"
           " AND NOT a.attisdropped",
           name_.sql());
  if (!columns)
    return columns.error();
  std::vector<found_column> found;
  for (size_t i = 0; i < columns->rows(); ++i)
    found.push_back({std::string{columns->text(i, 0)},
                     std::string{columns->text(i, 1)},
                     std::string{columns->text(i, 2)},
                     columns->text(i, 3) == "t", columns->text(i, 4) == "t"});
  if (auto err = check_columns(found))
    return err;
  if (auto err = check_others(found))
    return err;
  return is_upsert_ ? check_key(db) : caf::error{};
}

caf::error
postgres_table::check_columns(const std::vector<found_column>& found) const {
  std::string missing, unfit, changes;
  for (const auto& one : parts_) {
    auto there =
      std::find_if(found.begin(), found.end(), [&](const found_column& other) {
        return other.name == one.name;
      });
    auto change = [&](const std::string& what) {
      changes += (changes.empty() ? "" : ", ") + what;
    };
    if (there == found.end()) {
      missing += " " + quote_name(one.name);
      change("ADD COLUMN " + quote_name(one.name) + " " + one.type);
    } else if (!there->holds(one)) {
      unfit += " " + quote_name(one.name) + " (" + there->type + ")";
      change("ALTER COLUMN " + quote_name(one.name) + " TYPE " + one.type);
    }
  }
  if (changes.empty())
    return {};
  auto what = missing.empty() ? std::string{} : "lacks the columns" + missing;
  if (!unfit.empty())
    what +=
      std::string{missing.empty() ? "" : " and "}
      + "has columns of types that cannot hold the values:" + printable(unfit);
  return wrong(what + ". Run: ALTER TABLE " + name_.sql() + " " + changes);
}

/// Every row would be refused.
caf::error
postgres_table::check_others(const std::vector<found_column>& found) const {
  auto names = column_names();
  for (const auto& one : found)
    if (one.is_required && !has(names, one.name))
      return wrong("has a column " + printable(quote_name(one.name))
                   + " that must have a value, and the sink has none for it. "
                     "Run: ALTER TABLE "
                   + name_.sql() + " ALTER COLUMN "
                   + printable(quote_name(one.name))
                   + " DROP NOT NULL, or give it a default");
  return {};
}

/// The server knows best which index an ON CONFLICT can use.
caf::error postgres_table::check_key(postgres::connection& db) const {
  auto plan = db.run("EXPLAIN INSERT INTO " + name_.sql() + " (" + names()
                     + ") SELECT " + names() + " FROM " + name_.sql()
                     + " WHERE false ON CONFLICT (" + keys() + ") DO NOTHING");
  if (plan || db.last_failure().sqlstate != "42P10")
    return plan ? caf::error{} : plan.error();
  return wrong("has no unique index on exactly the columns of 'key'. Run: "
               "CREATE UNIQUE INDEX ON "
               + name_.sql() + " (" + keys() + ")");
}

} // namespace sluice
