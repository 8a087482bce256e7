#include "actors/sinks/postgres_options.hpp"

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/postgres_table.hpp"
#include "actors/sinks/row_counts.hpp"
#include "actors/sinks/wrong_section.hpp"

#include <algorithm>
#include <set>

namespace sluice {

namespace {

caf::error not_a_name(const sink_context& context, const std::string& what,
                      const std::string& name) {
  return wrong_section(context, what + " " + in_quotes(name)
                                  + " cannot be a name in PostgreSQL: it "
                                    "must have 1 to 63 bytes and no control "
                                    "characters. Write another one.");
}

caf::error
check_names(const sink_context& context, const postgres_options& options) {
  if (!postgres::is_name(options.table.table))
    return not_a_name(context, "'table'", options.table.table);
  if (!options.table.schema.empty() && !postgres::is_name(options.table.schema))
    return not_a_name(context, "the schema in 'table'", options.table.schema);
  if (options.table.table == postgres_table::positions_name
      || options.table.table == postgres_table::staging_name)
    return wrong_section(context,
                         "'table' is " + in_quotes(options.table.table)
                           + ", which the sink needs itself. Write another "
                             "one.");
  std::set<std::string> names{postgres_table::row_number};
  for (const auto& name : postgres_table{options}.column_names()) {
    if (!postgres::is_name(name))
      return not_a_name(context, "the column", name);
    if (!names.insert(name).second)
      return wrong_section(context,
                           "the column " + in_quotes(name)
                             + " is there twice, or is the sink's own. "
                               "Rename one of them.");
  }
  return {};
}

caf::error
check_key(const sink_context& context, const postgres_options& options) {
  auto is_upsert = options.mode == postgres_options::write_mode::upsert;
  if (!is_upsert && !options.key.empty())
    return wrong_section(context,
                         "'key' is for 'mode: upsert'. Remove one of them.");
  if (is_upsert && options.key.empty())
    return wrong_section(context,
                         "'mode: upsert' needs a 'key': the columns that "
                         "identify a row. Name them.");
  std::set<std::string> seen;
  for (const auto& name : options.key) {
    auto is_column =
      std::any_of(options.columns.begin(), options.columns.end(),
                  [&](const column& one) { return one.name == name; });
    if (!is_column || !seen.insert(name).second)
      return wrong_section(context,
                           "'key' has " + in_quotes(name)
                             + ", which is not one of 'columns', or is there "
                               "twice. Name each column once.");
  }
  return {};
}

} // namespace

std::vector<config::field> postgres_fields() {
  using config::field_kind;
  const postgres_options usual;
  return {
    {.name = "dsn",
     .kind = field_kind::secret,
     .help = "The database: postgresql://user:password@host:port/database, or "
             "host=… user=… dbname=….",
     .required = true,
     .example = "${PG_DSN}"},
    {.name = "table",
     .kind = field_kind::text,
     .help = "The table to which rows are added, with or without its schema, "
             "as in shop.captures.",
     .required = true},
    {.name = "columns",
     .kind = field_kind::columns,
     .help = "The columns of a row that are read out of the capture."},
    {.name = "capture",
     .kind = field_kind::section,
     .help = "The column that gets the whole capture.",
     .children = {{.name = "name",
                   .kind = field_kind::text,
                   .help = "The name of the column.",
                   .default_value = usual.capture},
                  {.name = "type",
                   .kind = field_kind::choice,
                   .help = "The column's type. json, text and bytea keep each "
                           "byte; jsonb does not; none leaves the column out.",
                   .default_value = config::default_word(
                     postgres_options::capture_form_words, usual.capture_as),
                   .choices = words_in(postgres_options::capture_form_words)}}},
    {.name = "mode",
     .kind = field_kind::choice,
     .help = "append: add a row for each capture. upsert: keep one row per "
             "key, the last one delivered.",
     .default_value =
       config::default_word(postgres_options::write_mode_words, usual.mode),
     .choices = words_in(postgres_options::write_mode_words)},
    {.name = "key",
     .kind = field_kind::text_list,
     .help = "The columns that identify a row of an upsert. The table needs a "
             "unique index on exactly these."},
    {.name = "create",
     .kind = field_kind::boolean,
     .help = "Whether to create the table, and the table sluice_sink beside "
             "it, if they are absent. A table that is there is never altered.",
     .default_value = usual.create ? "true" : "false"},
    dead_letter_field(
      "A file for captures that become no row, one JSON object per line: those "
      "that a column's on_missing or on_mismatch puts there, and those that "
      "the database refuses. Without it, such a capture stops the job; you can "
      "then add it and continue the job."),
  };
}

postgres_options read_postgres_options(const config::section& fields) {
  postgres_options options;
  options.dsn = fields.get<secret>("dsn");
  options.table = postgres::read_table_name(fields.text("table"));
  if (fields.has("columns"))
    options.columns = fields.get<column_list>("columns");
  options.capture = fields.text("capture.name");
  options.capture_as =
    fields.choice("capture.type", postgres_options::capture_form_words);
  options.mode = fields.choice("mode", postgres_options::write_mode_words);
  if (fields.has("key"))
    options.key = fields.get<std::vector<std::string>>("key");
  options.create = fields.get<bool>("create");
  options.dead_letter = dead_letter_path(fields);
  return options;
}

caf::expected<postgres::dsn> dsn_of(const postgres_options& options) {
  auto text = options.dsn();
  if (!text)
    return text.error();
  return postgres::dsn::read(*text);
}

caf::error check_postgres_options(const sink_context& context,
                                  const postgres_options& options) {
  if (auto text = options.dsn())
    if (auto where = postgres::dsn::read(*text); !where)
      return wrong_section(context, "'dsn': " + what_of(where.error()));
  if (auto err = check_names(context, options))
    return err;
  if (auto err = check_key(context, options))
    return err;
  if (options.columns.empty()
      && options.capture_as == postgres_options::capture_form::none)
    return wrong_section(context, "it would write nothing of a capture. Name "
                                  "'columns', or give 'capture' another type.");
  if (makes_dead_letters(options.columns) && !options.dead_letter)
    return wrong_section(context,
                         "a column's rule dead_letter needs a file under "
                         "'dead_letter'. Name one.");
  return {};
}

} // namespace sluice
