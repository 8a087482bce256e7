#include "actors/sinks/postgres_pages.hpp"
#include "tests/support/postgres_relay.hpp"
#include "tests/support/postgres_server.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace sluice;
using namespace std::chrono_literals;
using test::postgres_client;
using test::postgres_relay;
using test::postgres_server;
using fault = postgres_relay::fault;

namespace {

/// Pages of rows with a number each.
class world {
public:
  explicit world(postgres_server& server)
      : server_{server}, dsn{server.new_database()}, look{dsn} {
    look.script(positions_ddl({{}, "sluice_sink"}));
    look.script("CREATE TABLE t (n int, job text, delivery bigint)");
  }

  postgres_pages pages(const std::string& through = {}) {
    auto text = dsn;
    if (!through.empty())
      text += " host=" + through;
    return postgres_pages{{[text] {
                             auto where = postgres::dsn::read(text);
                             REQUIRE(where);
                             return postgres::connection::open(*where, {});
                           },
                           {{}, "sluice_sink"},
                           {{}, "t"},
                           "job",
                           "sink",
                           "DELETE FROM t WHERE job = $1 AND delivery > $2"}};
  }

  /// The rows, "1 2 3".
  std::string rows() {
    return look.ask("SELECT string_agg(n::text, ' ' ORDER BY delivery, n)"
                    " FROM t");
  }
  std::string position() {
    return look.ask("SELECT delivery, rows FROM sluice_sink");
  }

  /// Until a session waits for a row.
  void wait_for_lock() {
    while (look.ask("SELECT count(*) FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock'")
           == "0")
      std::this_thread::sleep_for(5ms);
  }

  postgres_server& server_;
  std::string dsn;
  postgres_client look;
};

caf::error nothing(postgres::connection&) {
  return {};
}

/// Stores a row for each number.
postgres_pages::store rows_of(uint64_t delivery, std::vector<int> numbers) {
  return [=](postgres::connection& db) -> caf::expected<uint64_t> {
    for (auto n : numbers)
      if (auto done =
            db.run("INSERT INTO t VALUES ($1, 'job', $2)", n, delivery);
          !done)
        return done.error();
    return numbers.size();
  };
}

caf::error agreed() {
  return {};
}

caf::error
try_open(postgres_pages& pages, const std::optional<stored_position>& at) {
  return pages.open(at, nothing, agreed);
}

void begin(postgres_pages& pages,
           const std::optional<stored_position>& at = {}) {
  auto err = try_open(pages, at);
  INFO(what_of(err));
  REQUIRE_FALSE(err);
}

/// Commits a page as the shell of a sink does: again while it is unavailable.
caf::error persist(postgres_pages& pages, uint64_t delivery,
                   const std::vector<int>& numbers) {
  caf::error err;
  for (int tries = 0; tries < 20; ++tries) {
    err = pages.commit(delivery, numbers.size(), rows_of(delivery, numbers));
    if (code_of(err) != ec::unavailable)
      return err;
  }
  return err;
}

} // namespace

TEST_CASE("a page and its number are stored together", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto pages = db.pages();
  begin(pages);
  CHECK(db.position() == "0|0");
  REQUIRE_FALSE(pages.commit(1, 2, rows_of(1, {1, 2})));
  CHECK(db.position() == "1|2");
  REQUIRE_FALSE(pages.commit(2, 0, rows_of(2, {})));
  CHECK(db.position() == "2|2");
  // A store that leaves rows out.
  REQUIRE_FALSE(pages.commit(5, 3, rows_of(5, {3})));
  CHECK(db.position() == "5|3");
  CHECK(pages.position().delivery == 5);
  CHECK(pages.position().rows == 3);
  CHECK(db.rows() == "1 2 3");
}

TEST_CASE("a page that cannot be stored leaves nothing behind",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto pages = db.pages();
  begin(pages);
  auto err = pages.commit(1, 1, [](auto& to) -> caf::expected<uint64_t> {
    REQUIRE(to.run("INSERT INTO t VALUES (1, 'job', 1)"));
    return to.run("SELECT * FROM nowhere").error();
  });
  CHECK(code_of(err) == ec::refused);
  CHECK(db.rows() == "");
  CHECK(db.position() == "0|0");
  REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
  CHECK(db.rows() == "1");
}

TEST_CASE("opening undoes what is stored after the checkpoint",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  stored_position committed;
  {
    auto pages = db.pages();
    begin(pages);
    REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
    committed = pages.position();
    REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {2})));
    REQUIRE_FALSE(pages.commit(3, 1, rows_of(3, {3})));
  }
  db.look.script("INSERT INTO t VALUES (9, 'another', 3)");
  auto pages = db.pages();
  begin(pages, committed);
  CHECK(db.rows() == "1 9");
  CHECK(db.position() == "1|1");
  REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {4})));
  CHECK(db.rows() == "1 4 9");
  CHECK(db.position() == "2|2");
}

TEST_CASE("a first start refuses a row with pages and takes an empty one",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  {
    auto pages = db.pages();
    begin(pages);
  }
  auto again = db.pages();
  begin(again); // the first start ended before its first checkpoint
  REQUIRE_FALSE(again.commit(1, 1, rows_of(1, {1})));
  auto late = db.pages();
  CHECK(code_of(try_open(late, std::nullopt)) == ec::usage);
  CHECK(db.rows() == "1");
  CHECK_FALSE(again.commit(2, 1, rows_of(2, {2})));
}

TEST_CASE("a database behind the ledger is refused and left as it is",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  stored_position committed;
  {
    auto pages = db.pages();
    begin(pages);
    REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
    committed = pages.position();
  }
  auto pages = db.pages();
  auto whole = [&] { return db.look.ask_all("SELECT * FROM sluice_sink"); };
  auto before = whole();
  SECTION("a restored backup") {
    committed.delivery = 2;
    auto err = try_open(pages, committed);
    CHECK(code_of(err) == ec::disk);
    CHECK(what_of(err).find("has delivery 1") != std::string::npos);
    CHECK(whole() == before);
    CHECK(db.rows() == "1");
  }
  SECTION("no row at all") {
    db.look.script("DELETE FROM sluice_sink");
    CHECK(code_of(try_open(pages, committed)) == ec::disk);
    CHECK(whole() == "");
    CHECK(db.rows() == "1");
  }
  SECTION("a row that is for another table") {
    db.look.script("UPDATE sluice_sink SET table_name = 'public.u'");
    before = whole();
    auto err = try_open(pages, committed);
    CHECK(code_of(err) == ec::disk);
    CHECK(what_of(err).find("public.u") != std::string::npos);
    CHECK(whole() == before);
  }
  SECTION("a caller who does not agree") {
    auto err = pages.open(committed, nothing,
                          [] { return make_error(ec::disk, "no file"); });
    CHECK(what_of(err) == "no file");
    CHECK(whole() == before);
  }
}

TEST_CASE("an older copy of the ledger changes nothing", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  stored_position older, newer;
  {
    auto pages = db.pages();
    begin(pages);
    REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
    older = pages.position();
  }
  auto pages = db.pages();
  begin(pages, older);
  REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {2})));
  newer = pages.position();
  auto before = db.look.ask_all("SELECT * FROM sluice_sink");
  auto stale = db.pages();
  auto err = try_open(stale, older);
  CHECK(code_of(err) == ec::disk);
  CHECK(what_of(err).find("older copy") != std::string::npos);
  CHECK(db.rows() == "1 2");
  CHECK(db.look.ask_all("SELECT * FROM sluice_sink") == before);
  // The live job notices nothing, and can be started again.
  REQUIRE_FALSE(pages.commit(3, 1, rows_of(3, {3})));
  auto next = db.pages();
  begin(next, newer);
  CHECK(db.rows() == "1 2");
}

TEST_CASE("two histories that have the same number are told apart",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  stored_position copied, committed;
  {
    auto pages = db.pages();
    begin(pages);
    REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
    copied = pages.position();
    REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {2})));
    committed = pages.position();
  }
  auto copy = db.pages();
  begin(copy, copied);
  REQUIRE_FALSE(copy.commit(2, 1, rows_of(2, {3})));
  auto original = db.pages();
  CHECK(code_of(try_open(original, committed)) == ec::disk);
  auto next = db.pages();
  begin(next, copy.position());
  auto again = db.pages();
  CHECK(code_of(try_open(again, committed)) == ec::disk);
  CHECK(db.rows() == "1 3");
}

TEST_CASE("a failover that lost a cut-back is refused", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  stored_position committed;
  {
    auto pages = db.pages();
    begin(pages);
    REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
    committed = pages.position();
    REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {2})));
    REQUIRE_FALSE(pages.commit(3, 1, rows_of(3, {3})));
  }
  db.look.script("CREATE TABLE kept AS SELECT * FROM sluice_sink;"
                 "CREATE TABLE kept_rows AS SELECT * FROM t");
  auto pages = db.pages();
  begin(pages, committed);
  auto opening = pages.position();
  CHECK(db.rows() == "1");
  // The stand-by that takes over has not got this.
  db.look.script("BEGIN; TRUNCATE sluice_sink, t;"
                 "INSERT INTO sluice_sink SELECT * FROM kept;"
                 "INSERT INTO t SELECT * FROM kept_rows; COMMIT");
  CHECK(code_of(persist(pages, 2, {4})) == ec::disk);
  auto next = db.pages();
  CHECK(code_of(try_open(next, opening)) == ec::disk);
  CHECK(db.rows() == "1 2 3");
  CHECK(db.position() == "3|3");
}

TEST_CASE("starts that end before their first checkpoint do no harm",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  stored_position committed;
  {
    auto pages = db.pages();
    begin(pages);
    REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
    committed = pages.position();
    REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {2})));
  }
  for (int starts = 0; starts < 3; ++starts) {
    auto pages = db.pages();
    begin(pages, committed);
    CHECK(db.position() == "1|1");
    CHECK(db.rows() == "1");
  }
  auto pages = db.pages();
  begin(pages, committed);
  REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {3})));
  CHECK(db.rows() == "1 3");
}

TEST_CASE("pages that the database has lost stop the job",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto pages = db.pages();
  begin(pages);
  REQUIRE_FALSE(persist(pages, 1, {1}));
  REQUIRE_FALSE(persist(pages, 2, {2}));
  db.look.script("UPDATE sluice_sink SET delivery = 1");
  CHECK(code_of(persist(pages, 3, {3})) == ec::disk);
  CHECK(db.rows() == "1 2");
}

TEST_CASE("a second process takes the sink over and the first one stops",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto first = db.pages();
  begin(first);
  REQUIRE_FALSE(first.commit(1, 1, rows_of(1, {1})));
  auto committed = first.position();
  auto second = db.pages();
  begin(second, committed);
  auto err = first.commit(2, 1, rows_of(2, {2}));
  CHECK(code_of(err) == ec::disk);
  CHECK(what_of(err).find("another process") != std::string::npos);
  CHECK_FALSE(second.commit(2, 1, rows_of(2, {3})));
  // A service that starts the first one again disturbs nothing.
  auto again = db.pages();
  CHECK(code_of(try_open(again, committed)) == ec::disk);
  CHECK_FALSE(second.commit(3, 1, rows_of(3, {4})));
  CHECK(db.rows() == "1 3 4");
}

TEST_CASE("a take-over waits for the open transaction of the process before",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto first = db.pages();
  begin(first);
  REQUIRE_FALSE(first.commit(1, 1, rows_of(1, {1})));
  auto committed = first.position();
  auto second = db.pages();
  std::thread opening;
  caf::error opened;
  auto stored = first.commit(2, 1, [&](auto& to) {
    opening = std::thread{[&] { opened = try_open(second, committed); }};
    db.wait_for_lock();
    return rows_of(2, {2})(to);
  });
  opening.join();
  CHECK_FALSE(stored);
  CHECK_FALSE(opened);
  CHECK(db.rows() == "1"); // the second page was undone
  CHECK(code_of(first.commit(3, 1, rows_of(3, {3}))) == ec::disk);
  CHECK_FALSE(second.commit(2, 1, rows_of(2, {4})));
  CHECK(db.rows() == "1 4");
}

TEST_CASE("a lost COMMIT is repeated and a lost answer is not",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  for (auto what : {fault::lose_commit, fault::lose_answer}) {
    world db{*server};
    postgres_relay relay{server->socket_folder()};
    auto pages = db.pages(relay.host());
    begin(pages);
    REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
    relay.arm(what);
    CHECK(code_of(pages.commit(2, 2, rows_of(2, {2, 3}))) == ec::unavailable);
    CHECK(relay.is_done());
    CHECK(db.rows() == (what == fault::lose_commit ? "1" : "1 2 3"));
    auto called = false;
    REQUIRE_FALSE(pages.commit(2, 2, [&](auto& to) {
      called = true;
      return rows_of(2, {2, 3})(to);
    }));
    CHECK(called == (what == fault::lose_commit));
    REQUIRE_FALSE(pages.commit(3, 1, rows_of(3, {4})));
    CHECK(db.rows() == "1 2 3 4");
    CHECK(db.position() == "3|4");
  }
}

TEST_CASE("a connection that breaks after the answer to COMMIT is no doubt",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  postgres_relay relay{server->socket_folder()};
  auto pages = db.pages(relay.host());
  begin(pages);
  relay.arm(fault::pass_answer);
  CHECK_FALSE(pages.commit(1, 1, rows_of(1, {1})));
  CHECK(relay.is_done());
  REQUIRE_FALSE(persist(pages, 2, {2}));
  CHECK(db.rows() == "1 2");
}

TEST_CASE("a COMMIT on its way is waited for before the page is judged",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  postgres_relay relay{server->socket_folder()};
  auto pages = db.pages(relay.host());
  begin(pages);
  REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
  relay.arm(fault::lose_commit);
  REQUIRE(code_of(pages.commit(2, 1, rows_of(2, {2}))) == ec::unavailable);
  // As if the lost COMMIT were still on its way, in another session.
  postgres_client late{db.dsn};
  late.script("BEGIN");
  late.script("INSERT INTO t VALUES (2, 'job', 2);"
              "UPDATE sluice_sink SET delivery = 2, rows = 2");
  std::thread committing{[&] {
    db.wait_for_lock();
    late.script("COMMIT");
  }};
  auto called = false;
  auto err = pages.commit(2, 1, [&](auto& to) {
    called = true;
    return rows_of(2, {2})(to);
  });
  committing.join();
  CHECK_FALSE(err);
  CHECK_FALSE(called);
  CHECK(db.rows() == "1 2");
  CHECK(pages.position().delivery == 2);
  CHECK(pages.position().rows == 2);
}

TEST_CASE("a session that the server does not know to be lost is ended",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  postgres_relay relay{server->socket_folder()};
  auto pages = db.pages(relay.host());
  begin(pages);
  relay.arm(fault::keep_open);
  REQUIRE(code_of(pages.commit(1, 1, rows_of(1, {1}))) == ec::unavailable);
  CHECK(db.look.ask("SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database()"
                    " AND state = 'idle in transaction'")
        == "1");
  // The lost session holds the row. To wait for the lock would fail.
  REQUIRE_FALSE(pages.commit(1, 1, rows_of(1, {1})));
  CHECK(db.rows() == "1");
}

TEST_CASE("a lost session is ended however often the next one is lost, too",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  postgres_relay relay{server->socket_folder()};
  auto pages = db.pages(relay.host());
  begin(pages);
  uint64_t delivery = 0;
  for (auto reaches_server : {false, true}) {
    auto message = 0;
    do {
      ++message;
      CAPTURE(message, reaches_server);
      relay.arm(fault::keep_open);
      ++delivery;
      REQUIRE(code_of(pages.commit(delivery, 1, rows_of(delivery, {1})))
              == ec::unavailable);
      relay.break_at(message, reaches_server);
      auto before = std::chrono::steady_clock::now();
      REQUIRE_FALSE(persist(pages, delivery, {1}));
      // Else it would wait for the lock of the lost session.
      REQUIRE(std::chrono::steady_clock::now() - before < 20s);
    } while (relay.has_broken());
    relay.break_at(0, false);
    CHECK(message > 10);
  }
  CHECK(db.look.ask("SELECT count(*) FROM t") == std::to_string(delivery));
}

TEST_CASE("a commit that only this server has is not yet durable",
          "[sinks][postgres]") {
  if (postgres_server::shared() == nullptr)
    return;
  auto server = postgres_server::fresh();
  world db{*server};
  auto pages = db.pages();
  begin(pages);
  db.look.ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  db.look.ask("SELECT pg_reload_conf()");
  auto waiting = [&] {
    return db.look.ask("SELECT count(*) FROM pg_stat_activity"
                       " WHERE wait_event = 'SyncRep'")
           == "1";
  };
  std::atomic<bool> is_done{false};
  auto has_waited = false, was_early = false;
  auto meddle = [&] {
    while (!is_done && !waiting())
      std::this_thread::sleep_for(5ms);
    if (is_done)
      return; // the new setting had not arrived everywhere
    has_waited = true;
    // The COMMIT is answered, with a warning.
    db.look.ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event = 'SyncRep'");
    std::this_thread::sleep_for(100ms);
    while (!is_done && !waiting())
      std::this_thread::sleep_for(5ms);
    was_early = is_done;
    db.look.ask("ALTER SYSTEM RESET synchronous_standby_names");
    db.look.ask("SELECT pg_reload_conf()");
  };
  uint64_t pages_stored = 0;
  while (!has_waited) {
    is_done = false;
    ++pages_stored;
    std::thread operator_at_work{meddle};
    auto err = pages.commit(pages_stored, 1, rows_of(pages_stored, {1}));
    is_done = true;
    operator_at_work.join();
    REQUIRE_FALSE(err);
  }
  CHECK_FALSE(was_early);
  CHECK(db.look.ask("SELECT count(*) FROM t") == std::to_string(pages_stored));
}

TEST_CASE("a session that is ended at any statement loses and repeats nothing",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto pages = db.pages();
  begin(pages);
  auto end_sessions = [&] {
    db.look.ask("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()");
  };
  end_sessions(); // before BEGIN
  REQUIRE_FALSE(persist(pages, 1, {1}));
  auto ended = 0;
  auto during = [&](uint64_t delivery, std::vector<int> numbers) {
    return [&, delivery,
            numbers](postgres::connection& to) -> caf::expected<uint64_t> {
      if (ended++ == 0)
        end_sessions(); // before the rows
      auto stored = rows_of(delivery, numbers)(to);
      if (ended == 2)
        end_sessions(); // before COMMIT
      return stored;
    };
  };
  CHECK(code_of(pages.commit(2, 2, during(2, {2, 3}))) == ec::unavailable);
  CHECK(code_of(pages.commit(2, 2, during(2, {2, 3}))) == ec::unavailable);
  REQUIRE_FALSE(pages.commit(2, 2, during(2, {2, 3})));
  CHECK(db.rows() == "1 2 3");
  CHECK(db.position() == "2|3");
}

TEST_CASE("a connection that breaks at any message of a page costs nothing",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  postgres_relay relay{server->socket_folder()};
  auto pages = db.pages(relay.host());
  begin(pages);
  std::string expected;
  uint64_t delivery = 0;
  auto store = [&](int number) {
    ++delivery;
    REQUIRE_FALSE(persist(pages, delivery, {number, number + 1}));
    expected += (expected.empty() ? "" : " ") + std::to_string(number) + " "
                + std::to_string(number + 1);
    CHECK(db.rows() == expected);
  };
  for (auto reaches_server : {false, true}) {
    auto message = 0;
    do {
      ++message;
      CAPTURE(message, reaches_server);
      store(0); // over a connection that is known to be whole
      relay.break_at(message, reaches_server);
      store(message);
      REQUIRE(message < 200);
    } while (relay.has_broken());
    relay.break_at(0, false);
    CHECK(message > 10);
  }
  CHECK(db.position()
        == std::to_string(delivery) + "|" + std::to_string(2 * delivery));
}

TEST_CASE("a connection that breaks at any message of a start costs nothing",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  postgres_relay relay{server->socket_folder()};
  auto committed = [&] {
    auto pages = db.pages();
    begin(pages);
    return pages.position();
  }();
  std::string expected;
  for (auto reaches_server : {false, true}) {
    auto message = 0;
    auto has_broken = true;
    while (has_broken) {
      ++message;
      CAPTURE(message, reaches_server);
      {
        auto pages = db.pages(relay.host());
        relay.break_at(message, reaches_server);
        auto err = try_open(pages, committed);
        has_broken = relay.has_broken();
        relay.break_at(0, false);
        CHECK((!err || code_of(err) == ec::unavailable));
      }
      auto pages = db.pages(relay.host());
      begin(pages, committed);
      CHECK(db.rows() == expected);
      auto next = pages.position().delivery + 1;
      REQUIRE_FALSE(persist(pages, next, {message}));
      committed = pages.position();
      expected += (expected.empty() ? "" : " ") + std::to_string(message);
      REQUIRE_FALSE(persist(pages, next + 1, {-1})); // not committed
      CHECK(db.rows() == expected + " -1");
      REQUIRE(message < 200);
    }
    CHECK(message > 10);
  }
}

TEST_CASE("a server that was shut down goes on where it was",
          "[sinks][postgres]") {
  if (postgres_server::shared() == nullptr)
    return;
  auto server = postgres_server::fresh();
  auto pages = [&] {
    world db{*server};
    auto made = db.pages();
    begin(made);
    REQUIRE_FALSE(made.commit(1, 1, rows_of(1, {1})));
    return made;
  }();
  server->stop();
  CHECK(code_of(pages.commit(2, 1, rows_of(2, {2}))) == ec::unavailable);
  CHECK(code_of(pages.commit(2, 1, rows_of(2, {2}))) == ec::unavailable);
  REQUIRE(server->start());
  REQUIRE_FALSE(pages.commit(2, 1, rows_of(2, {2})));
  postgres_client look{server->dsn("test_1")};
  CHECK(look.ask("SELECT string_agg(n::text, ' ' ORDER BY n) FROM t") == "1 2");
}

TEST_CASE("a transaction that fails unnoticed is not taken for committed",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto pages = db.pages();
  begin(pages);
  auto err = pages.commit(1, 1, [](auto& to) -> caf::expected<uint64_t> {
    std::ignore = to.run("SELECT 1/0");
    return uint64_t{1};
  });
  CHECK(code_of(err) == ec::refused);
  CHECK(db.position() == "0|0");
}

TEST_CASE("a role's default isolation does not hide what it waited for",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  world db{*server};
  auto base = db.look.ask("SELECT current_database()");
  db.look.script("ALTER DATABASE " + base
                 + " SET default_transaction_isolation = 'serializable'");
  auto pages = db.pages();
  begin(pages);
  REQUIRE_FALSE(pages.commit(1, 1, [](auto& to) -> caf::expected<uint64_t> {
    auto level = to.run("SHOW transaction_isolation");
    REQUIRE(level);
    CHECK(level->text(0, 0) == "read committed");
    return rows_of(1, {1})(to);
  }));
}
