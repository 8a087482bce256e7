#include "core/ledger/ledger_objects.hpp"

#include "core/ledger/ledger_formats.hpp"
#include "core/ledger/ledger_migrations.hpp"

#include <algorithm>
#include <map>

namespace sluice {

namespace {

/// "table batch" -> what defines it.
using definitions = std::map<std::string, std::string>;

/// More than a ledger of any format has.
constexpr size_t most_objects = 1'000;

constexpr std::string_view blanks = " \t\r\n\f";
constexpr std::string_view quotes = "'\"`[";

/// Tokens that need no blank next to them.
constexpr std::string_view punctuation = "(),;=<>+-*/|.";

/// The bytes at the front of `sql` that are a comment or white space.
size_t gap_size(std::string_view sql) {
  if (sql.starts_with("--"))
    return std::min(sql.find('\n'), sql.size());
  if (sql.starts_with("/*")) {
    auto end = sql.find("*/", 2);
    return end == std::string_view::npos ? sql.size() : end + 2;
  }
  auto end = sql.find_first_not_of(blanks);
  return std::min(end, sql.size());
}

/// The bytes of the quoted part at the front of `sql`; a doubled quote ends
/// one part and begins the next.
size_t quoted_size(std::string_view sql) {
  auto end = sql.find(sql.front() == '[' ? ']' : sql.front(), 1);
  return end == std::string_view::npos ? sql.size() : end + 1;
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

caf::expected<definitions> definitions_of(sqlite::database& db) {
  definitions found;
  // Tables of ANALYZE, which a user may run, hold no code.
  auto row = db.use("SELECT type, name, tbl_name, sql FROM sqlite_schema"
                    " WHERE NOT (type = 'table' AND name IN"
                    " ('sqlite_stat1', 'sqlite_stat4')) LIMIT ?1",
                    most_objects);
  while (row.next()) {
    auto definition = row.text(2) + ": " + bare_sql(row.bytes(3));
    found.emplace(row.text(0) + ' ' + row.text(1), std::move(definition));
  }
  if (auto err = row.error())
    return err;
  return found;
}

/// What is defined in a ledger that was created in format `from` and converted
/// to format `to`.
caf::expected<definitions> expected_objects(int64_t from, int64_t to) {
  auto db = sqlite::database::open(":memory:");
  if (!db)
    return db.error();
  auto err = (*db)->write([&]() -> caf::error {
    if (auto failed = (*db)->script(ledger_tables(from)))
      return failed;
    return run_migrations(**db, from, to);
  });
  if (err)
    return err;
  return definitions_of(**db);
}

/// Describes the first difference. Unknown objects come first: they are wrong
/// whether or not the ledger was converted from an earlier format. REQUIRES:
/// the two differ.
std::string difference(const definitions& found, const definitions& expected) {
  for (auto& [name, text] : found)
    if (!expected.contains(name))
      return "it has the " + printable(name, 100)
             + ", which no version of sluice creates";
  for (auto& [name, text] : expected) {
    auto theirs = found.find(name);
    if (theirs == found.end())
      return "its " + name + " is missing";
    if (theirs->second != text)
      return "its " + name + " differs from the one that sluice creates";
  }
  return {};
}

} // namespace

std::string bare_sql(std::string_view sql) {
  std::string bare;
  auto gap = false;
  while (!sql.empty()) {
    if (auto size = gap_size(sql); size > 0) {
      gap = true;
      sql.remove_prefix(size);
      continue;
    }
    auto first = sql.front();
    if (gap && !bare.empty() && !is_one_of(first, punctuation)
        && !is_one_of(bare.back(), punctuation))
      bare += ' ';
    gap = false;
    auto size = is_one_of(first, quotes) ? quoted_size(sql) : 1;
    bare += sql.substr(0, size);
    sql.remove_prefix(size);
  }
  return bare;
}

caf::error check_ledger_objects(sqlite::database& db, int64_t format) {
  auto found = definitions_of(db);
  if (!found)
    return found.error();
  std::string why;
  for (auto from = format; from >= earliest_ledger_format; --from) {
    auto expected = expected_objects(from, format);
    if (!expected)
      return expected.error();
    if (*found == *expected)
      return {};
    if (why.empty())
      why = difference(*found, *expected);
  }
  return make_error(ec::ledger_unusable,
                    "the ledger " + db.name() + " cannot be used: " + why
                      + ". Another program has changed or made it: use the "
                        "sqlite3 tool to drop what was added, restore a "
                        "copy, or name another file (a new ledger submits "
                        "every URL again)");
}

} // namespace sluice
