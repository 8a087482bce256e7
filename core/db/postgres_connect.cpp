// How a connection to PostgreSQL begins.

#include "core/base/ascii.hpp"
#include "core/db/postgres.hpp"

#include <libpq-fe.h>

#include <algorithm>

namespace sluice::postgres {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long the session waits for a lock before it answers 55P03: shorter than
/// the limit of a statement, after which the connection is given up.
milliseconds lock_limit(milliseconds statement_limit) {
  return std::max(milliseconds{1}, statement_limit / 2);
}

/// What the server reports in its first error. Only the verbose form of the
/// message has the SQLSTATE: "FATAL:  28P01: …".
std::string state_in(std::string_view message) {
  constexpr size_t length = 5;
  for (auto at = message.find(":  "); at != message.npos;
       at = message.find(":  ", at + 1)) {
    auto state = message.substr(at + 3, length + 1);
    if (state.size() == length + 1 && state.back() == ':'
        && std::all_of(state.begin(), state.end() - 1, [](char c) {
             return is_digit(c) || (c >= 'A' && c <= 'Z');
           }))
      return std::string{state.substr(0, length)};
  }
  return {};
}

/// The line with the SQLSTATE, else the first one: libpq tries several
/// addresses of a host, and other lines name the server's source.
std::string telling_line(std::string_view message) {
  auto first = message.substr(0, message.find('\n'));
  for (auto rest = message; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    if (!state_in(line).empty())
      return std::string{line};
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return std::string{first};
}

milliseconds connect_limit(const dsn& where, milliseconds usual) {
  auto given = read_number<int>(where.value("connect_timeout"));
  return given && *given > 0 ? milliseconds{seconds{*given}} : usual;
}

/// Values that the DSN may change, and those that it may not.
dsn with_defaults(dsn where) {
  where.set_default("target_session_attrs", "read-write");
  where.set_default("keepalives_idle", "30");
  where.set_default("keepalives_interval", "10");
  where.set_default("keepalives_count", "3");
  where.set_default("tcp_user_timeout", "30000");
  where.set_default("application_name", "sluice");
  where.set("client_encoding", "UTF8");
  return where;
}

} // namespace

caf::expected<std::unique_ptr<connection>>
connection::open(const dsn& where, const options& opts) {
  caf::error reason;
  auto until = opts.total_limit ? clock::now() + *opts.total_limit
                                : clock::time_point::max();
  for (const auto& host : where.hosts()) {
    auto opened = open_one(host, opts, until);
    if (opened)
      return opened;
    reason = opened.error();
    if (!is_retryable(reason))
      break;
  }
  return reason;
}

caf::expected<std::unique_ptr<connection>>
connection::open_one(const dsn& where, const options& opts,
                     clock::time_point until) {
  std::unique_ptr<connection> out{new connection{where.name(), opts, until}};
  auto err = out->start(with_defaults(where));
  if (!err)
    err = out->finish_start(clock::now()
                            + connect_limit(where, opts.connect_limit));
  if (!err)
    err = out->set_up();
  if (err)
    return err;
  return out;
}

caf::error connection::start(const dsn& where) {
  std::vector<const char*> names, values;
  for (const auto& [name, value] : where.values()) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  handle_ = PQconnectStartParams(names.data(), values.data(), 0);
  if (handle_ == nullptr)
    return make_error(ec::internal, "libpq has no memory for a connection");
  PQsetErrorVerbosity(handle_, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(handle_, note_warning, this);
  return {};
}

caf::error connection::finish_start(clock::time_point deadline) {
  auto refusal = [this] {
    std::string message = PQerrorMessage(handle_);
    return lost(telling_line(message), state_in(message));
  };
  if (PQstatus(handle_) == CONNECTION_BAD)
    return refusal();
  for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;
       next = PQconnectPoll(handle_)) {
    if (next == PGRES_POLLING_FAILED)
      return refusal();
    if (!wait(next == PGRES_POLLING_WRITING, deadline))
      return silent();
  }
  usable_ = true;
  return PQsetnonblocking(handle_, 1) == 0 ? caf::error{} : refusal();
}

caf::error connection::set_up() {
  const auto* encoding = PQparameterStatus(handle_, "server_encoding");
  if (encoding == nullptr || std::string_view{encoding} != "UTF8")
    return make_error(ec::usage, "the database at " + name_
                                   + " does not store text as UTF-8, which "
                                     "alters captures. Use a database that was "
                                     "created with ENCODING 'UTF8'.");
  // Only settings that this server has; remote_apply is stricter than on. A
  // machine that died in a transaction, which is never idle for long, must give
  // up its locks before its successor stops waiting for them (lock_limit).
  auto done =
    run("SELECT set_config(name, wanted, false) FROM (VALUES"
        " ('synchronous_commit', 'on'), ('client_min_messages', 'warning'),"
        " ('standard_conforming_strings', 'on'), ('datestyle', 'ISO, YMD'),"
        " ('timezone', 'UTC'), ('row_security', 'off'),"
        " ('statement_timeout', '0'), ('transaction_timeout', '0'),"
        " ('idle_in_transaction_session_timeout', '20s'),"
        " ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'),"
        " ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '20s'),"
        " ('idle_session_timeout', '0'), ('lock_timeout', $1))"
        " AS ours (ours, wanted) JOIN pg_catalog.pg_settings"
        " ON lower(name) = ours"
        " WHERE NOT (ours = 'synchronous_commit' AND setting = 'remote_apply')",
        lock_limit(options_.statement_limit).count());
  if (!done)
    return done.error();
  auto mine = run("SELECT pid, backend_start FROM pg_catalog.pg_stat_activity"
                  " WHERE pid = pg_catalog.pg_backend_pid()");
  if (!mine)
    return mine.error();
  if (mine->rows() == 1)
    session_ = {std::string{mine->text(0, 0)}, std::string{mine->text(0, 1)}};
  return {};
}

} // namespace sluice::postgres
