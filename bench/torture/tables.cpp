#include "bench/torture/tables.hpp"

#include "core/db/sqlite.hpp"
#include "tests/support/postgres_server.hpp"

#include <stdexcept>

namespace sluice::torture {

namespace {

constexpr const char* database = "captures.db";
constexpr const char* columns =
  "columns: [{name: url, from: /url}, {name: id, from: /id}]";

std::string captures_in(const std::filesystem::path& file) {
  auto opened = sqlite::database::open(file);
  if (!opened)
    throw std::runtime_error(what_of(opened.error()));
  std::string out;
  auto rows = (*opened)->use("SELECT capture FROM captures ORDER BY rowid");
  while (rows.next())
    out.append(rows.bytes(0)).append("\n");
  if (auto err = rows.error())
    throw std::runtime_error(what_of(err));
  return out;
}

} // namespace

tables::tables(std::filesystem::path folder) : folder_{std::move(folder)} {
  if (auto* server = test::postgres_server::find())
    dsn_ = server->new_database();
}

std::string tables::sinks() const {
  auto out = std::string{"  - {type: sqlite, name: sqlite, path: "} + database
             + ", " + columns + "}\n";
  if (!dsn_.empty())
    out += "  - {type: postgres, name: postgres, dsn: \"" + dsn_
           + "\", table: captures, create: true, " + columns + "}\n";
  return out;
}

std::vector<std::pair<std::string, std::string>> tables::captures() const {
  std::vector<std::pair<std::string, std::string>> out;
  out.emplace_back("sqlite", captures_in(folder_ / database));
  if (!dsn_.empty())
    out.emplace_back("postgres", test::postgres_client{dsn_}.ask_all(
                                   "SELECT capture FROM captures"));
  return out;
}

} // namespace sluice::torture
