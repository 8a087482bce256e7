// A connection to PostgreSQL, over libpq. Every wait has a deadline: a server
// that goes silent makes the connection unusable and the error
// ec::unavailable. Errors are caf::error, worded for the user; `last_failure`
// has what the server said.
//
// Not thread-safe.

#pragma once

#include "core/base/error.hpp"
#include "core/db/postgres_dsn.hpp"
#include "core/db/sqlstate.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;
struct pg_result;

namespace sluice::postgres {

/// What the server answered to a statement.
class result {
public:
  explicit result(pg_result* handle) : handle_{handle, clear} {}

  [[nodiscard]] size_t rows() const;
  [[nodiscard]] size_t columns() const;
  /// A value as text; NULL reads as "". Valid as long as the result is.
  [[nodiscard]] std::string_view text(size_t row, size_t column) const;
  [[nodiscard]] bool is_null(size_t row, size_t column) const;
  /// A value of type bigint; 0 if it is something else or negative.
  [[nodiscard]] uint64_t count(size_t row, size_t column) const;

  /// The command tag, such as "COMMIT" or "COPY 12". A COMMIT of a failed
  /// transaction succeeds with the tag "ROLLBACK".
  [[nodiscard]] std::string_view tag() const;
  /// Rows that the statement inserted, changed, deleted or returned.
  [[nodiscard]] uint64_t touched() const;

private:
  static void clear(pg_result* handle);
  std::unique_ptr<pg_result, void (*)(pg_result*)> handle_;
};

/// Why a statement or the connection failed. The texts are the server's or
/// libpq's: untrusted, and cut where they are long.
struct failure {
  trouble kind = trouble::unavailable;
  std::string sqlstate{}; ///< empty if libpq found the error itself
  std::string message{};
  std::string context{}; ///< where in the statement, line by line
};

/// A session of the server, told apart from a later one with the same process
/// id.
struct session_id {
  std::string process{};
  std::string started{}; ///< a timestamp, as the server writes it
};

/// The value of a parameter; nullopt is NULL.
using parameter = std::optional<std::string>;

class connection {
public:
  struct options {
    /// For each host, unless the DSN has a connect_timeout.
    std::chrono::milliseconds connect_limit{10'000};
    /// From sending a statement, or a piece of a COPY's data, to the result.
    std::chrono::milliseconds statement_limit{60'000};
    /// If set: for all that the connection waits for, over all hosts.
    std::optional<std::chrono::milliseconds> total_limit{};
  };

  /// Connects and sets the session up: what it commits is synchronous, texts
  /// are UTF-8, and no setting of the role or database ends it early or hides
  /// rows. Errors: ec::unavailable; ec::usage (the database has another
  /// encoding); ec::refused (the server refuses the user or has no such
  /// database).
  [[nodiscard]] static caf::expected<std::unique_ptr<connection>>
  open(const dsn& where, const options& opts);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Runs one statement with `values` for $1, $2, …
  template <class... Ts>
  [[nodiscard]] caf::expected<result>
  run(const std::string& sql, const Ts&... values) {
    return run_with(sql, {as_parameter(values)...});
  }
  [[nodiscard]] caf::expected<result>
  run_with(const std::string& sql, const std::vector<parameter>& values);

  /// Runs statements without parameters in one message, up to the first that
  /// fails.
  [[nodiscard]] caf::error script(const std::string& sql);

  /// Runs a COPY … FROM STDIN with `data`, and returns the rows it stored.
  [[nodiscard]] caf::expected<uint64_t>
  copy_in(const std::string& sql, std::string_view data);

  /// Gives later statements another limit; nullopt: the usual one.
  void limit_statements(std::optional<std::chrono::milliseconds> limit) {
    limit_ = limit.value_or(options_.statement_limit);
  }

  /// False once the connection is lost or was given up. Then nothing is known
  /// about the last statement, and the server may still carry it out.
  [[nodiscard]] bool is_usable() const { return usable_; }

  /// Of the last call that failed.
  [[nodiscard]] const failure& last_failure() const { return failure_; }

  /// The SQLSTATEs of the warnings since the last call; the first few.
  [[nodiscard]] std::vector<std::string> take_warnings();

  [[nodiscard]] const session_id& session() const { return session_; }

  /// The server as messages show it.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// See the function of that name.
  [[nodiscard]] bool is_exposed() const;

private:
  using clock = std::chrono::steady_clock;
  connection(std::string name, const options& opts, clock::time_point until)
      : name_{std::move(name)},
        options_{opts},
        limit_{opts.statement_limit},
        until_{until} {}

  static parameter as_parameter(std::string_view text) {
    return std::string{text};
  }
  static parameter as_parameter(std::integral auto number) {
    return std::to_string(number);
  }

  static caf::expected<std::unique_ptr<connection>>
  open_one(const dsn& where, const options& opts, clock::time_point until);
  [[nodiscard]] caf::error start(const dsn& where);
  [[nodiscard]] caf::error finish_start(clock::time_point deadline);
  [[nodiscard]] caf::error set_up();

  /// One call to the server, from sending to the last result.
  class call;
  friend class call;

  [[nodiscard]] bool wait(bool for_writing, clock::time_point deadline);
  [[nodiscard]] caf::error lost(std::string message, std::string sqlstate = {});
  [[nodiscard]] caf::error silent();
  [[nodiscard]] caf::error failed(const pg_result* answer);
  [[nodiscard]] caf::error as_error() const;
  static void note_warning(void* self, const pg_result* notice);

  std::string name_;
  options options_;
  std::chrono::milliseconds limit_;
  clock::time_point until_; ///< the end of the total limit
  pg_conn* handle_ = nullptr;
  bool usable_ = false;
  failure failure_;
  std::vector<std::string> warnings_;
  session_id session_;
};

} // namespace sluice::postgres
