#include "core/base/file_descriptor.hpp"
#include "core/db/postgres.hpp"
#include "tests/support/postgres_server.hpp"

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

using namespace sluice;
using namespace sluice::postgres;
using namespace std::chrono_literals;
using test::postgres_client;
using test::postgres_server;

namespace {

std::unique_ptr<connection>
connected(const std::string& text, const connection::options& options = {}) {
  auto where = dsn::read(text);
  REQUIRE(where);
  auto opened = connection::open(*where, options);
  INFO((opened ? "" : what_of(opened.error())));
  REQUIRE(opened);
  return std::move(*opened);
}

/// A server that connects and then says nothing.
class silent_server {
public:
  silent_server() : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    auto path = (folder_ / ".s.PGSQL.5432").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address)
            == 0);
    REQUIRE(::listen(fd_.get(), 8) == 0);
  }
  [[nodiscard]] std::string host() const { return folder_.path(); }

private:
  test::temp_folder folder_;
  file_descriptor fd_;
};

caf::error connect_refusal(const std::string& text,
                           const connection::options& options = {}) {
  auto where = dsn::read(text);
  REQUIRE(where);
  auto opened = connection::open(*where, options);
  REQUIRE_FALSE(opened);
  return opened.error();
}

} // namespace

TEST_CASE("values go to the server and come back", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto db = connected(server->new_database());
  auto answer = db->run("SELECT $1::text, $2::bigint, NULL, $3::bytea",
                        "a'b\\c\n\xC3\xA9", 12, "\\x00ff");
  REQUIRE(answer);
  CHECK(answer->rows() == 1);
  CHECK(answer->text(0, 0) == "a'b\\c\n\xC3\xA9");
  CHECK(answer->count(0, 1) == 12);
  CHECK(answer->is_null(0, 2));
  CHECK(answer->text(0, 3) == "\\x00ff");
  CHECK(answer->tag() == "SELECT 1");
  auto none = db->run_with("SELECT $1::text", {std::nullopt});
  REQUIRE(none);
  CHECK(none->is_null(0, 0));
}

TEST_CASE("a session commits for good, whatever its role is set to",
          "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto text = server->new_database();
  auto of = [&](const char* setting) {
    return postgres_client{text}.ask(std::string{"SHOW "} + setting);
  };
  postgres_client{text}.script("ALTER ROLE sluice SET synchronous_commit = off;"
                               "ALTER ROLE sluice SET statement_timeout = 1234;"
                               "ALTER ROLE sluice SET datestyle = 'SQL, DMY'");
  CHECK(of("synchronous_commit") == "on");
  CHECK(of("statement_timeout") == "0");
  CHECK(of("datestyle") == "ISO, YMD");
  CHECK(of("application_name") == "sluice");
  CHECK(of("client_encoding") == "UTF8");
  CHECK(of("lock_timeout") == "30s");
  CHECK(of("idle_in_transaction_session_timeout") == "20s");
  // Over a socket in a folder, they have no value to show.
  CHECK(postgres_client{text}.ask("SELECT count(*) FROM pg_settings"
                                  " WHERE name LIKE 'tcp%'"
                                  " AND source = 'session'")
        == "4");
  postgres_client{text}.script(
    "ALTER ROLE sluice SET synchronous_commit = remote_apply");
  CHECK(of("synchronous_commit") == "remote_apply");
  postgres_client{text}.script("ALTER ROLE sluice RESET ALL");
}

TEST_CASE("a failed statement has its SQLSTATE and its context", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto db = connected(server->new_database());
  REQUIRE_FALSE(db->script("CREATE TABLE t (a json, b text)"));
  auto wrong = db->run("SELECT * FROM nowhere");
  REQUIRE_FALSE(wrong);
  CHECK(code_of(wrong.error()) == ec::refused);
  CHECK(what_of(wrong.error()).find("42P01") != std::string::npos);
  CHECK(db->last_failure().sqlstate == "42P01");
  CHECK(db->last_failure().kind == trouble::lasting);

  auto copied = db->copy_in("COPY t FROM STDIN", "{}\ta\n{\tb\n");
  REQUIRE_FALSE(copied);
  CHECK(db->last_failure().sqlstate == "22P02");
  CHECK(db->last_failure().kind == trouble::bad_row);
  CHECK(db->last_failure().context.find("COPY t, line 2") != std::string::npos);

  auto script = db->script("SELECT 1; SELECT 1/0; SELECT 2");
  CHECK(code_of(script) == ec::refused);
  CHECK(db->last_failure().sqlstate == "22012");
  CHECK(db->is_usable());
  CHECK(db->run("SELECT 1"));
}

TEST_CASE("a COPY stores what it is given, in pieces", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto db = connected(server->new_database());
  REQUIRE_FALSE(db->script("CREATE TABLE t (a text)"));
  std::string data;
  for (int i = 0; i < 30'000; ++i)
    data += std::string(100, 'x') + "\n";
  auto rows = db->copy_in("COPY t FROM STDIN", data);
  REQUIRE(rows);
  CHECK(*rows == 30'000);
  auto none = db->copy_in("COPY t FROM STDIN", "");
  REQUIRE(none);
  CHECK(*none == 0);
  auto length = db->run("SELECT sum(length(a)) FROM t");
  REQUIRE(length);
  CHECK(length->count(0, 0) == 3'000'000);
}

TEST_CASE("a COMMIT of a failed transaction says ROLLBACK", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto db = connected(server->new_database());
  REQUIRE_FALSE(db->script("BEGIN"));
  REQUIRE_FALSE(db->run("SELECT 1/0"));
  auto ended = db->run("COMMIT");
  REQUIRE(ended);
  CHECK(ended->tag() == "ROLLBACK");
}

TEST_CASE("warnings are kept by their SQLSTATE and notices are not",
          "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto db = connected(server->new_database());
  REQUIRE_FALSE(db->script("DO $$ BEGIN RAISE NOTICE 'a';"
                           " RAISE WARNING 'b'; END $$"));
  CHECK(db->take_warnings() == std::vector<std::string>{"01000"});
  CHECK(db->take_warnings().empty());
}

TEST_CASE("an ended session is unavailable and stays so", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto text = server->new_database();
  auto db = connected(text);
  postgres_client{text}.ask("SELECT pg_terminate_backend("
                            + db->session().process + ", 5000)");
  auto answer = db->run("SELECT 1");
  REQUIRE_FALSE(answer);
  CHECK(code_of(answer.error()) == ec::unavailable);
  CHECK(db->last_failure().sqlstate == "57P01");
  CHECK_FALSE(db->is_usable());
  CHECK(code_of(db->script("SELECT 1")) == ec::unavailable);
  CHECK(code_of(db->copy_in("COPY t FROM STDIN", "").error())
        == ec::unavailable);
}

TEST_CASE("a statement that takes too long makes the server unavailable",
          "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  connection::options options;
  options.statement_limit = 200ms;
  auto db = connected(server->new_database(), options);
  auto answer = db->run("SELECT pg_sleep(30)");
  REQUIRE_FALSE(answer);
  CHECK(code_of(answer.error()) == ec::unavailable);
  CHECK(what_of(answer.error()).find("in time") != std::string::npos);
  CHECK_FALSE(db->is_usable());
}

TEST_CASE("a COPY that nothing asked for makes the server unavailable",
          "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto text = server->new_database();
  postgres_client{text}.script("CREATE TABLE t (a text);"
                               "INSERT INTO t VALUES ('a')");
  for (const auto* sql : {"COPY t TO STDOUT", "COPY t FROM STDIN"}) {
    CAPTURE(sql);
    auto running = connected(text);
    auto answer = running->run(sql);
    REQUIRE_FALSE(answer);
    CHECK(code_of(answer.error()) == ec::unavailable);
    CHECK_FALSE(running->is_usable());
    auto scripted = connected(text);
    CHECK(code_of(scripted->script(sql)) == ec::unavailable);
    CHECK_FALSE(scripted->is_usable());
    auto twice = connected(text);
    auto rows = twice->copy_in("COPY t FROM STDIN; " + std::string{sql}, "");
    CHECK_FALSE(twice->is_usable());
  }
  auto copied = connected(text);
  CHECK_FALSE(copied->copy_in("COPY t TO STDOUT", ""));
  CHECK_FALSE(copied->is_usable());
}

TEST_CASE("a server that answers without an end is left at the deadline",
          "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  connection::options options;
  options.statement_limit = 200ms;
  auto db = connected(server->new_database(), options);
  std::string many;
  for (int i = 0; i < 2'000; ++i)
    many += "SELECT pg_sleep(0.001);";
  auto err = db->script(many);
  CHECK(code_of(err) == ec::unavailable);
  CHECK(what_of(err).find("in time") != std::string::npos);
  CHECK_FALSE(db->is_usable());
}

TEST_CASE("what a server says of a failure is cut", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto db = connected(server->new_database());
  CHECK(db->script("DO $$ BEGIN RAISE EXCEPTION '%', repeat('x', 1000000);"
                   " END $$"));
  CHECK(db->last_failure().message == std::string(4 * 1024, 'x'));
  CHECK(db->last_failure().sqlstate == "P0001");
  // The context has the text of a failed statement.
  CHECK(db->script("DO $$ BEGIN EXECUTE 'SELECT 1/0 --' ||"
                   " repeat('x', 1000000); END $$"));
  CHECK(db->last_failure().context.size() == 64 * 1024);
  CHECK(db->is_usable());
}

TEST_CASE("a total limit holds for all hosts", "[postgres]") {
  silent_server silent;
  connection::options options;
  options.total_limit = 200ms;
  auto before = std::chrono::steady_clock::now();
  auto host = silent.host();
  auto err =
    connect_refusal("host=" + host + "," + host + " user=a dbname=b", options);
  CHECK(code_of(err) == ec::unavailable);
  CHECK(std::chrono::steady_clock::now() - before < 5s);
}

TEST_CASE("a lock that another session keeps is unavailable", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto text = server->new_database();
  postgres_client other{text};
  other.script("CREATE TABLE t (a text)");
  other.script("BEGIN; LOCK TABLE t");
  connection::options options;
  options.statement_limit = 2'000ms;
  auto db = connected(text, options);
  auto answer = db->run("SELECT * FROM t");
  REQUIRE_FALSE(answer);
  CHECK(code_of(answer.error()) == ec::unavailable);
  CHECK(db->last_failure().sqlstate == "55P03");
  CHECK(db->is_usable());
}

TEST_CASE("a server that accepts and says nothing is unavailable",
          "[postgres]") {
  silent_server silent;
  connection::options options;
  options.connect_limit = 200ms;
  auto err =
    connect_refusal("host=" + silent.host() + " user=a dbname=b", options);
  CHECK(code_of(err) == ec::unavailable);
}

TEST_CASE("the next host is tried if one does not answer", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  silent_server silent;
  connection::options options;
  options.connect_limit = 200ms;
  auto db =
    connected("host=" + silent.host() + ",/nowhere," + server->socket_folder()
                + " user=sluice dbname=postgres",
              options);
  CHECK(db->run("SELECT 1"));
}

TEST_CASE("a refused user or database stops with the SQLSTATE", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto no_database = connect_refusal(server->dsn("nowhere"));
  CHECK(code_of(no_database) == ec::refused);
  CHECK(what_of(no_database).find("3D000") != std::string::npos);

  postgres_client{server->dsn("postgres")}.script(
    "DROP ROLE IF EXISTS guarded;"
    "CREATE ROLE guarded LOGIN PASSWORD 'open sesame'");
  auto wrong = connect_refusal(server->dsn("postgres", "guarded")
                               + " password='friend-5512'");
  CHECK(code_of(wrong) == ec::refused);
  CHECK(what_of(wrong).find("28P01") != std::string::npos);
  CHECK(what_of(wrong).find("friend") == std::string::npos);
  CHECK(
    connected(server->dsn("postgres", "guarded") + " password='open sesame'"));
}

TEST_CASE("too many connections are unavailable", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_client{server->dsn("postgres")}.script(
    "DROP ROLE IF EXISTS crowded; CREATE ROLE crowded LOGIN CONNECTION LIMIT "
    "0");
  auto err = connect_refusal(server->dsn("postgres", "crowded"));
  CHECK(code_of(err) == ec::unavailable);
  CHECK(what_of(err).find("53300") != std::string::npos);
}

TEST_CASE("a database that does not store UTF-8 is refused", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto err = connect_refusal(
    server->new_database("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"));
  CHECK(code_of(err) == ec::usage);
  CHECK(what_of(err).find("UTF8") != std::string::npos);
}

TEST_CASE("a read-only server is not used for writing", "[postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  auto text = server->new_database();
  postgres_client{text}.script(
    "ALTER ROLE sluice SET default_transaction_read_only = on");
  auto err = connect_refusal(text);
  CHECK(connected(text + " target_session_attrs=any"));
  postgres_client{text + " target_session_attrs=any"}.script(
    "BEGIN READ WRITE; ALTER ROLE sluice RESET ALL; COMMIT");
  CHECK(code_of(err) == ec::unavailable);
}
