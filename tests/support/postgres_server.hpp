// A real PostgreSQL server for tests, in a temporary folder, with a socket and
// without a network port. One for all tests of a program, started when the
// first of them asks, and ended with the program.

#pragma once

#include "core/db/postgres.hpp"
#include "tests/support/temp_folder.hpp"

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

class postgres_server {
public:
  /// Null if it is not installed or cannot be started here.
  [[nodiscard]] static postgres_server* find();

  /// The same, with a note on standard output if it is null. The test then
  /// skips itself.
  [[nodiscard]] static postgres_server* shared();

  /// One of its own, for a test that stops it. REQUIRES: `shared` is not null.
  [[nodiscard]] static std::unique_ptr<postgres_server> fresh();

  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// The DSN of a new, empty database.
  [[nodiscard]] std::string new_database(const std::string& options = {});
  /// The DSN of a database; `user` sluice may do everything, and the password
  /// of `guarded` is "open sesame".
  [[nodiscard]] std::string
  dsn(const std::string& database, const std::string& user = "sluice") const;

  /// The folder of its socket.
  [[nodiscard]] std::string socket_folder() const;

  void stop();
  [[nodiscard]] bool start();

private:
  postgres_server();
  [[nodiscard]] bool create();
  [[nodiscard]] bool is_up() const;
  [[nodiscard]] std::vector<std::string> command() const;

  temp_folder folder_;
  pid_t pid_ = -1;
  int databases_ = 0;
};

/// A connection to `dsn` that a test uses to look and to disturb. Throws where
/// the program would return an error.
class postgres_client {
public:
  explicit postgres_client(const std::string& dsn);

  /// Runs a statement. Returns its first row, values joined by '|'; "" if there
  /// is none.
  std::string ask(const std::string& sql);
  /// All rows, each with a final line break.
  std::string ask_all(const std::string& sql);
  void script(const std::string& sql);

  [[nodiscard]] postgres::connection& connection() { return *connection_; }

private:
  std::unique_ptr<postgres::connection> connection_;
};

} // namespace sluice::test
