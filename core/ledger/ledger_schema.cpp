#include "core/ledger/ledger_schema.hpp"

#include "core/base/sync_folder.hpp"
#include "core/ledger/ledger_formats.hpp"
#include "core/ledger/ledger_migrations.hpp"
#include "core/ledger/ledger_objects.hpp"

#include <cstring>

namespace sluice {

namespace {

/// Memory stays flat: a 512 KiB page cache and no mapping. `limit_wal` bounds
/// the WAL.
constexpr auto settings = R"(
  PRAGMA cache_size = -512;
  PRAGMA mmap_size = 0;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 8388608;
  PRAGMA cell_size_check = ON;
)";

/// A change touches a row or two in each of five tables, and SQLite writes
/// their pages whole. A ledger keeps the size of its pages for life; earlier
/// ones have 4,096 bytes.
constexpr auto small_pages = "PRAGMA page_size = 1024";

constexpr int64_t checkpoint_at = 4 << 20; ///< bytes in the WAL

caf::error unusable(const sqlite::database& db, const std::string& why) {
  return make_error(ec::ledger_unusable,
                    "the ledger " + db.name() + " cannot be used: " + why);
}

/// Makes the file's name durable, not only its content.
caf::error sync_directory(const sqlite::database& db) {
  auto number = sync_folder_of(db.file());
  if (number == 0)
    return {};
  return make_error(ec::disk, "cannot make the new ledger " + db.name()
                                + " durable (" + std::strerror(number)
                                + "): keep it on a local disk");
}

caf::expected<int64_t> number(sqlite::database& db, const char* sql) {
  auto row = db.use(sql);
  if (!row.next())
    return row.error() ? row.error() : unusable(db, "it is damaged");
  return row.integer(0);
}

/// SQLite counts in pages, whose size each ledger sets for itself.
caf::error limit_wal(sqlite::database& db) {
  auto page = number(db, "PRAGMA page_size");
  if (!page)
    return page.error();
  auto pages = std::to_string(checkpoint_at / *page);
  return db.script(("PRAGMA wal_autocheckpoint = " + pages).c_str());
}

/// Nothing was ever written into the file.
caf::expected<bool> is_empty(sqlite::database& db, int64_t application) {
  auto tables = number(db, "SELECT count(*) FROM sqlite_schema");
  if (!tables)
    return tables.error();
  return application == 0 && *tables == 0;
}

caf::error other_version(const sqlite::database& db, int64_t version) {
  auto newer = version > ledger_format;
  return unusable(db, "it is of format " + std::to_string(version)
                        + " and this sluice knows formats "
                        + std::to_string(earliest_ledger_format) + " to "
                        + std::to_string(ledger_format)
                        + (newer ? "; a newer sluice wrote it: use that one"
                                 : "; a much older sluice wrote it: finish "
                                   "the job with that one"));
}

/// The format of a ledger that can be read.
caf::expected<int64_t> check(sqlite::database& db, int64_t application) {
  if (application != ledger_application_id)
    return unusable(db, "it is the database of another program; name another "
                        "file");
  auto version = number(db, "PRAGMA user_version");
  if (!version)
    return version.error();
  if (*version < earliest_ledger_format || *version > ledger_format)
    return other_version(db, *version);
  if (auto err = check_ledger_objects(db, *version))
    return err;
  auto jobs = number(db, "SELECT count(*) FROM job");
  if (!jobs)
    return jobs.error();
  if (*jobs != 1)
    return unusable(db, "it is damaged; restore a copy, or name another file "
                        "(a new ledger submits every URL again)");
  return version;
}

caf::error use_wal(sqlite::database& db) {
  auto mode = db.use("PRAGMA journal_mode = WAL");
  if (mode.next() && mode.text(0) == "wal")
    return {};
  if (auto err = mode.error())
    return err;
  return make_error(ec::disk, "the ledger " + db.name()
                                + " is on a file system without shared "
                                  "memory: keep it on a local disk");
}

caf::error create(sqlite::database& db) {
  if (auto err = db.script(small_pages))
    return err;
  if (auto err = use_wal(db))
    return err;
  if (auto err = limit_wal(db))
    return err;
  auto err = db.write([&] { return db.script(ledger_tables(ledger_format)); });
  return err ? err : sync_directory(db);
}

} // namespace

caf::expected<std::optional<int64_t>> recognise_ledger(sqlite::database& db) {
  if (auto err = db.script(settings))
    return err;
  auto application = number(db, "PRAGMA application_id");
  if (!application)
    return application.error();
  auto empty = is_empty(db, *application);
  if (!empty)
    return empty.error();
  if (*empty)
    return std::optional<int64_t>{};
  auto format = check(db, *application);
  if (!format)
    return format.error();
  if (auto err = limit_wal(db))
    return err;
  return std::optional{*format};
}

caf::error prepare_ledger(sqlite::database& db, std::optional<int64_t> format) {
  if (!format)
    return create(db);
  if (auto err = use_wal(db))
    return err;
  return *format < ledger_format ? migrate_ledger(db, *format) : caf::error{};
}

} // namespace sluice
