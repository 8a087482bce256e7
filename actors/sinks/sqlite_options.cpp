#include "actors/sinks/sqlite_options.hpp"

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/row_counts.hpp"
#include "actors/sinks/sqlite_table.hpp"
#include "actors/sinks/wrong_section.hpp"
#include "core/base/ascii.hpp"

#include <set>

namespace sluice {

namespace {

bool is_reserved(const std::string& table) {
  auto name = lower_case(table);
  return name.starts_with("sqlite_") || name == sqlite_table::position_table;
}

} // namespace

std::vector<config::field> sqlite_fields() {
  using config::field_kind;
  const sqlite_options usual;
  return {
    {.name = "path",
     .kind = field_kind::path,
     .help = "The database file, relative to the config file's folder, which "
             "must exist.",
     .required = true,
     .beside = {beside_database.begin(), beside_database.end()}},
    {.name = "table",
     .kind = field_kind::text,
     .help = "The table to which rows are added.",
     .default_value = usual.table},
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
                   .help = "How the capture is stored: as TEXT, as a BLOB of "
                           "the same bytes, or not at all.",
                   .default_value = config::default_word(
                     sqlite_options::capture_form_words, usual.capture_as),
                   .choices = words_in(sqlite_options::capture_form_words)}}},
    {.name = "create",
     .kind = field_kind::boolean,
     .help = "Whether to create the database, the table, and the table "
             "sluice_sink beside it, if they are absent. A table that is there "
             "is never altered.",
     .default_value = usual.create ? "true" : "false"},
    dead_letter_field(
      "A file for captures that become no row, one JSON object per line: those "
      "that a column's on_missing or on_mismatch puts there, and those that a "
      "constraint or a trigger of the database refuses. Without it, such a "
      "capture stops the job; you can then add it and continue the job."),
  };
}

sqlite_options read_sqlite_options(const config::section& fields) {
  sqlite_options options;
  options.path = fields.text("path");
  options.table = fields.text("table");
  if (fields.has("columns"))
    options.columns = fields.get<column_list>("columns");
  options.capture = fields.text("capture.name");
  options.capture_as =
    fields.choice("capture.type", sqlite_options::capture_form_words);
  options.create = fields.get<bool>("create");
  options.dead_letter = dead_letter_path(fields);
  return options;
}

caf::error check_sqlite_options(const sink_context& context,
                                const sqlite_options& options) {
  if (options.table.empty() || is_reserved(options.table))
    return wrong_section(context,
                         "'table' is " + in_quotes(options.table)
                           + ", a name that the database or the sink needs "
                             "itself. Choose another one.");
  // SQLite does not tell a from A.
  std::set<std::string> names;
  for (const auto& name : sqlite_table{options}.column_names())
    if (name.empty() || !names.insert(lower_case(name)).second)
      return wrong_section(context,
                           name.empty()
                             ? std::string{"a column has no name. Give it one."}
                             : "two columns are named " + in_quotes(name)
                                 + ". Rename one of them.");
  if (options.columns.empty()
      && options.capture_as == sqlite_options::capture_form::none)
    return wrong_section(context,
                         "it would write nothing of a capture. Name 'columns', "
                         "or set 'capture' to text or blob.");
  if (makes_dead_letters(options.columns) && !options.dead_letter)
    return wrong_section(context,
                         "a column's rule dead_letter needs a file under "
                         "'dead_letter'. Name one.");
  return {};
}

} // namespace sluice
