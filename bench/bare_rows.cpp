#include "bench/bare_rows.hpp"

#include <sqlite3.h>

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>

namespace sluice::bench {

namespace {

using sqlite_handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using pg_handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;

void execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(db));
}

void execute(PGconn* db, const std::string& sql, ExecStatusType wanted) {
  std::unique_ptr<PGresult, decltype(&PQclear)> answer{PQexec(db, sql.c_str()),
                                                       PQclear};
  if (PQresultStatus(answer.get()) != wanted)
    throw std::runtime_error(PQerrorMessage(db));
}

void escape(std::string& out, const std::string& text) {
  for (auto c : text)
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
}

void copy_page(PGconn* db, const std::string& page) {
  execute(db, "BEGIN", PGRES_COMMAND_OK);
  execute(db, "UPDATE positions SET delivery = delivery + 1 WHERE job = 'job'",
          PGRES_COMMAND_OK);
  execute(db, "COPY captures FROM STDIN", PGRES_COPY_IN);
  if (PQputCopyData(db, page.data(), static_cast<int>(page.size())) != 1
      || PQputCopyEnd(db, nullptr) != 1)
    throw std::runtime_error(PQerrorMessage(db));
  while (auto* answer = PQgetResult(db))
    PQclear(answer);
  execute(db, "COMMIT", PGRES_COMMAND_OK);
}

} // namespace

void insert_bare(const std::filesystem::path& file,
                 const std::vector<std::vector<bare_row>>& pages,
                 size_t pages_per_commit) {
  sqlite3* opened = nullptr;
  sqlite3_open(file.c_str(), &opened);
  sqlite_handle db{opened, sqlite3_close};
  execute(db.get(), "PRAGMA journal_mode = WAL; PRAGMA synchronous = EXTRA;"
                    "CREATE TABLE captures (url TEXT, title TEXT, price, image "
                    "TEXT, run TEXT, capture TEXT, sluice_job TEXT, "
                    "sluice_delivery INTEGER);"
                    "CREATE INDEX i ON captures (sluice_job, sluice_delivery)");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db.get(),
                     "INSERT INTO captures VALUES (?,?,?,?,?,?,'job',?)", -1,
                     &insert, nullptr);
  std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> owner{
    insert, sqlite3_finalize};
  for (size_t i = 0; i < pages.size(); ++i) {
    if (i % pages_per_commit == 0)
      execute(db.get(), "BEGIN IMMEDIATE");
    for (const auto& row : pages[i]) {
      auto index = 0;
      for (const auto& value : row)
        sqlite3_bind_text(insert, ++index, value.data(),
                          static_cast<int>(value.size()), SQLITE_STATIC);
      sqlite3_bind_int64(insert, ++index, static_cast<int64_t>(i + 1));
      if (sqlite3_step(insert) != SQLITE_DONE)
        throw std::runtime_error(sqlite3_errmsg(db.get()));
      sqlite3_reset(insert);
    }
    if ((i + 1) % pages_per_commit == 0 || i + 1 == pages.size())
      execute(db.get(), "COMMIT");
  }
}

std::string copy_text(const std::vector<bare_row>& page, size_t delivery) {
  std::string out;
  for (const auto& row : page) {
    for (const auto& value : row) {
      escape(out, value);
      out += '\t';
    }
    out += "job\t" + std::to_string(delivery) + '\n';
  }
  return out;
}

void copy_bare(const std::string& dsn, const std::vector<std::string>& pages) {
  pg_handle db{PQconnectdb(dsn.c_str()), PQfinish};
  if (PQstatus(db.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(db.get()));
  execute(db.get(),
          "CREATE TABLE positions (job text PRIMARY KEY, delivery bigint);"
          "INSERT INTO positions VALUES ('job', 0);"
          "CREATE TABLE captures (url text, title text, price numeric, image "
          "text, run text, capture json, sluice_job text, sluice_delivery "
          "bigint);"
          "CREATE INDEX ON captures (sluice_job, sluice_delivery)",
          PGRES_COMMAND_OK);
  for (const auto& page : pages)
    copy_page(db.get(), page);
}

} // namespace sluice::bench
