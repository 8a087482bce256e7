#include "actors/sinks/postgres_pages.hpp"
#include "core/base/log.hpp"
#include "tests/actors/sinks/contract_fixture.hpp"
#include "tests/actors/sinks/postgres_fixture.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/postgres_relay.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <thread>

using namespace sluice;
using test::column_of;
using test::content_of;
using test::page_of;
using test::postgres_client;
using test::postgres_fixture;
using test::postgres_relay;
using test::postgres_server;
using test::temp_folder;

namespace {

class contract_world final : public test::contract_fixture {
public:
  contract_world(postgres_server& server, const std::string& form)
      : db_{server} {
    db_.given["capture.type"] = form == "upsert" ? "json" : form;
    if (form != "upsert")
      return;
    db_.look.script("CREATE TABLE captures (body text PRIMARY KEY,"
                    " capture json, sluice_job text, sluice_delivery bigint)");
    db_.given["columns"] =
      column_list{column_of("body", "", column_type::json)};
    db_.given["mode"] = std::string{"upsert"};
    db_.given["key"] = std::vector<std::string>{"body"};
    // An upsert stores a page in the order of the key. This is the contract's.
    order_ = R"(strpos('{"3', left(body, 1)), body COLLATE "C" DESC)";
  }

  test::given_values section() override { return db_.given; }
  test::promise promised() const override {
    return test::promise::exactly_once;
  }
  /// Without the start of the job that holds the sink's row.
  sink_position comparable(const sink_position& position) override {
    auto from = position.find(" holder_high");
    auto to = position.find(' ', position.find(" holder_low") + 1);
    return position.substr(0, from) + position.substr(to);
  }
  std::string lines() override {
    auto is_bytes = std::get<std::string>(db_.given["capture.type"]) == "bytea";
    auto all = db_.look.ask_all(
      std::string{"SELECT encode("}
      + (is_bytes ? "capture" : "convert_to(capture::text, 'UTF8')")
      + ", 'hex') FROM captures ORDER BY sluice_delivery, " + order_);
    std::string out;
    for (size_t at = 0; at < all.size();) {
      auto end = all.find('\n', at);
      append_capture(out, bytes_of(all.substr(at, end - at)));
      out += '\n';
      at = end + 1;
    }
    return out;
  }

private:
  static std::string bytes_of(const std::string& hex) {
    std::string out;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
      out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return out;
  }

  postgres_fixture db_;
  std::string order_ = "ctid";
};

test::make_fixture world_of(const char* form) {
  return [form]() -> std::unique_ptr<test::contract_fixture> {
    auto* server = postgres_server::find();
    if (server == nullptr) {
      std::cout << "not tested here: postgres\n";
      return nullptr;
    }
    return std::make_unique<contract_world>(*server, form);
  };
}

const test::contract_entry json_entry{"postgres", "json", world_of("json")};
const test::contract_entry text_entry{"postgres", "text", world_of("text")};
const test::contract_entry bytea_entry{"postgres", "bytea", world_of("bytea")};
const test::contract_entry upsert_entry{"postgres", "upsert",
                                        world_of("upsert")};

std::unique_ptr<sink>
opened_table(const postgres_fixture& db,
             std::optional<sink_position> at = std::nullopt) {
  auto made = db.make();
  auto err = made->open(at);
  INFO(what_of(err));
  REQUIRE_FALSE(err);
  return made;
}

void put(sink& to, uint64_t delivery, const std::vector<std::string>& all) {
  auto err = to.write(page_of(delivery, all));
  INFO(what_of(err));
  REQUIRE_FALSE(err);
}

/// The error of an open that must fail.
caf::error refusal(const postgres_fixture& db) {
  auto made = db.make();
  auto err = made->open(std::nullopt);
  REQUIRE(err);
  return err;
}

bool mentions(const caf::error& err, std::string_view text) {
  return what_of(err).find(text) != std::string::npos;
}

} // namespace

TEST_CASE("columns of every type are stored as they are written",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  auto when = column_of("when", "/when", column_type::time);
  db.given["columns"] =
    column_list{column_of("url", "/url"),
                column_of("price", "/price", column_type::number),
                column_of("count", "/count", column_type::integer),
                column_of("sold", "/sold", column_type::boolean),
                when,
                column_of("all", "/all", column_type::json)};
  auto to = opened_table(db);
  put(
    *to, 1,
    {R"({"url":"a\tb\\.\n\u00e9","price":12.340,"count":1180591620717411303424,)"
     R"("sold":true,"when":"2024-02-29T12:00:00.5+02:00","all":{"a": [1,"\n"]}})",
     R"({"url":"\\.","price":"1e2"})", R"({"price":"dear","sold":null})"});
  CHECK(db.column("url, price, count, sold, \"when\", \"all\"")
        == "a\tb\\.\n\xC3\xA9|12.340|1180591620717411303424|t|"
           "2024-02-29 10:00:00.5+00|{\"a\": [1,\"\\n\"]}\n"
           "\\.|100||||\n|||||\n");
  auto position = to->checkpoint();
  REQUIRE(position);
  CHECK(position->find("captures=3") != std::string::npos);
  CHECK(position->find("rows=3") != std::string::npos);
  CHECK(position->find("mismatched.1=1") != std::string::npos);
}

TEST_CASE("a row of PostgreSQL can have what sluice knows of a capture",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  const std::vector<std::pair<own_value, column_type>> values{
    {own_value::run, column_type::text},
    {own_value::robot, column_type::text},
    {own_value::batch, column_type::integer},
    {own_value::delivery, column_type::integer},
    {own_value::delivered_at, column_type::time},
    {own_value::job, column_type::text}};
  column_list columns;
  for (const auto& [own, type] : values) {
    column next;
    next.name = "c" + std::to_string(columns.size());
    next.own = own;
    next.type = type;
    columns.push_back(next);
  }
  db.given["columns"] = columns;
  put(*opened_table(db), 7, {"1"});
  CHECK(db.column("c0, c1, c2, c3, c4, c5")
        == "run_1|rbt_1|1|7|2025-11-30 06:01:07.005+00|job\n");
}

TEST_CASE("every byte of a capture survives COPY", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  const std::vector<std::string> captures{R"("\\.")",
                                          R"({"a":"\\N\\\\\t\b\u0000"})",
                                          "{\t\"a\"\r\n:\n\"b\"}",
                                          R"("\\x41")",
                                          R"("\ud800")",
                                          "\"\x7F\xC3\xA9\"",
                                          "1E400"};
  std::string expected;
  for (const auto& one : captures)
    expected += one + "\n";
  for (const auto* form : {"json", "text"}) {
    postgres_fixture db{*server};
    db.given["capture.type"] = std::string{form};
    put(*opened_table(db), 1, captures);
    CHECK(db.column("capture") == expected);
  }
  postgres_fixture db{*server};
  db.given["capture.type"] = std::string{"bytea"};
  put(*opened_table(db), 1, {"\"\xFF\xFE\"", "\"\\u0000\""});
  CHECK(db.column("encode(capture, 'hex')") == "22fffe22\n225c753030303022\n");
}

TEST_CASE("a bad row of a hundred becomes one dead letter",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  db.given["dead_letter"] = (folder / "dead.jsonl").string();
  db.given["columns"] = column_list{column_of("n", "/n", column_type::number)};
  db.look.script("CREATE TABLE captures (n numeric CHECK (n <> 50),"
                 " capture json, sluice_job text, sluice_delivery bigint)");
  std::vector<std::string> captures;
  for (int i = 0; i < 100; ++i)
    captures.push_back(R"({"n":)" + std::to_string(i) + "}");
  auto to = opened_table(db);
  put(*to, 1, captures);
  CHECK(db.look.ask("SELECT count(*), sum(n) FROM captures") == "99|4900");
  CHECK(to->dead_letters() == 1);
  CHECK(db.look.ask("SELECT delivery, rows FROM sluice_sink") == "1|99");
  REQUIRE(to->checkpoint());
  auto dead = content_of(folder / "dead.jsonl");
  CHECK(dead.starts_with(R"({"capture":{"n":50},"code":"23514","message":)"));
  CHECK(std::count(dead.begin(), dead.end(), '\n') == 1);
}

TEST_CASE("a bad row without a dead letter file stops the job",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  db.given["columns"] = column_list{column_of("url", "/url")};
  db.look.script("CREATE TABLE captures (url text UNIQUE, capture json,"
                 " sluice_job text, sluice_delivery bigint)");
  auto to = opened_table(db);
  auto err = to->write(page_of(1, {R"({"url":"a"})", R"({"url":"a"})"}));
  CHECK(code_of(err) == ec::refused);
  for (auto part : {"23505", "duplicate key", "run_1", "dead_letter"})
    CHECK(mentions(err, part));
  CHECK(db.column("url") == "");
  CHECK(db.look.ask("SELECT delivery FROM sluice_sink") == "0");
}

TEST_CASE("what PostgreSQL cannot hold is refused before it is sent",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  db.given["dead_letter"] = (folder / "dead.jsonl").string();
  db.given["columns"] = column_list{column_of("url", "/url")};
  db.given["capture.type"] = std::string{"jsonb"};
  auto to = opened_table(db);
  put(*to, 1,
      {R"({"url":"a\u0000b"})", R"({"url":"c"})", R"({"x":"\u0000"})",
       R"({"url":"\\u0000"})", R"({"x":"\ud800"})"});
  CHECK(db.column("url") == "c\n\\u0000\n");
  REQUIRE(to->checkpoint());
  auto dead = content_of(folder / "dead.jsonl");
  CHECK(
    dead.find(R"({"capture":{"url":"a\u0000b"},"code":"22021","column":"url")")
    == 0);
  CHECK(dead.find(R"({"capture":{"x":"\u0000"},"code":"22P05")")
        != std::string::npos);
  CHECK(dead.find(R"({"capture":{"x":"\ud800"},"code":"22P02")")
        != std::string::npos);
}

TEST_CASE("a number that numeric cannot hold costs only its row",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  db.given["dead_letter"] = (folder / "dead.jsonl").string();
  db.given["capture.type"] = std::string{"none"};
  db.given["columns"] = column_list{column_of("n", "/n", column_type::number)};
  auto to = opened_table(db);
  auto longest = std::string(1'000, '9');
  put(*to, 1,
      {R"({"n":1e131071})", R"({"n":1E+131072})", R"({"n":1e-16384})",
       R"({"n":1e99999999999})", "{\"n\":" + longest + "}",
       "{\"n\":" + longest + "0}", R"({"n":-0.5e-2})"});
  CHECK(db.column("length(n::text)") == "131072\n1000\n6\n");
  CHECK(to->dead_letters() == 4);
  REQUIRE(to->checkpoint());
  CHECK(content_of(folder / "dead.jsonl")
          .starts_with(R"({"capture":{"n":1E+131072},"code":"refused",)"
                       R"("column":"n")"));
}

TEST_CASE("jobs that create different tables at once all begin",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  // Somebody makes the table of positions, and has not committed yet.
  postgres_client other{db.dsn};
  other.script("BEGIN");
  other.script(positions_ddl({{}, "sluice_sink"}));
  std::thread committing{[&] {
    while (db.look.ask("SELECT count(*) FROM pg_stat_activity"
                       " WHERE datname = current_database()"
                       " AND wait_event_type = 'Lock'")
           == "0")
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    other.script("COMMIT");
  }};
  auto to = db.make();
  auto err = to->open(std::nullopt);
  committing.join();
  INFO(what_of(err));
  REQUIRE_FALSE(err);
  put(*to, 1, {"1"});
  CHECK(db.column("capture") == "1\n");
}

TEST_CASE("a column's rules decide what becomes of a gap",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  db.given["dead_letter"] = (folder / "dead.jsonl").string();
  auto url = column_of("url", "/url");
  url.on_missing = gap_rule::dead_letter;
  auto price = column_of("price", "/price", column_type::number);
  price.on_mismatch = gap_rule::stop;
  db.given["columns"] = column_list{url, price};
  auto to = opened_table(db);
  put(*to, 1, {R"({"url":"a","price":1})", R"({"price":2})", R"({"url":"b"})"});
  CHECK(db.column("url, price") == "a|1\nb|\n");
  auto err = to->write(page_of(2, {R"({"url":"c","price":"x"})"}));
  CHECK(code_of(err) == ec::refused);
  CHECK(mentions(err, "'price'"));
  REQUIRE(to->checkpoint());
  CHECK(
    content_of(folder / "dead.jsonl").find(R"("code":"missing","column":"url")")
    != std::string::npos);
}

TEST_CASE("dead letters follow the pages across a crash", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  db.given["dead_letter"] = (folder / "dead.jsonl").string();
  db.given["capture.type"] = std::string{"jsonb"};
  sink_position committed;
  {
    auto to = opened_table(db);
    put(*to, 1, {R"("\u0000")", "1"});
    committed = *to->checkpoint();
    put(*to, 2, {R"("\u0000")", "2"});
    REQUIRE(to->checkpoint()); // answered but never committed
  }
  auto to = opened_table(db, committed);
  CHECK(to->dead_letters() == 1);
  CHECK(db.column("capture") == "1\n");
  put(*to, 2, {R"("\u0000")", "3"});
  CHECK(to->dead_letters() == 2);
  auto last = to->checkpoint();
  REQUIRE(last);
  CHECK(last->find("captures=4") != std::string::npos);
  CHECK(last->find("rows=2") != std::string::npos);
  auto dead = content_of(folder / "dead.jsonl");
  CHECK(std::count(dead.begin(), dead.end(), '\n') == 2);
}

TEST_CASE("the last delivered row of a key is the one that is kept",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  db.given["dead_letter"] = (folder / "dead.jsonl").string();
  db.given["columns"] = column_list{column_of("url", "/url"),
                                    column_of("n", "/n", column_type::number)};
  db.given["mode"] = std::string{"upsert"};
  db.given["key"] = std::vector<std::string>{"url"};
  auto rows = [&] {
    return db.look.ask_all("SELECT url, n, sluice_job, sluice_delivery"
                           " FROM captures ORDER BY url");
  };
  sink_position committed;
  {
    auto to = opened_table(db);
    REQUIRE(to->checkpoint());
    put(*to, 1,
        {R"({"url":"a","n":1})", R"({"url":"b","n":2})", R"({"url":"a","n":3})",
         R"({"n":9})"});
    CHECK(rows() == "a|3|job|1\nb|2|job|1\n");
    CHECK(to->dead_letters() == 1); // a key without a value
    committed = *to->checkpoint();
    put(*to, 5, {R"({"url":"a","n":4})", R"({"url":"c","n":5})"});
    CHECK(rows() == "a|4|job|5\nb|2|job|1\nc|5|job|5\n");
  }
  // Rows that a crash left do not beat those that come again.
  auto to = opened_table(db, committed);
  CHECK(rows() == "a|4|job|1\nb|2|job|1\nc|5|job|1\n");
  put(*to, 2, {R"({"url":"a","n":6})"});
  CHECK(rows() == "a|6|job|2\nb|2|job|1\nc|5|job|1\n");
  // Deliveries of another job have numbers of their own.
  db.given.erase("dead_letter");
  auto other = db.type().make({"other", "name"}, db.section());
  REQUIRE_FALSE(other->open(std::nullopt));
  put(*other, 1, {R"({"url":"a","n":7})"});
  CHECK(rows() == "a|7|other|1\nb|2|job|1\nc|5|job|1\n");
  (void)other->close();
}

TEST_CASE("a bad row of an upsert costs only itself", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  db.given["dead_letter"] = (folder / "dead.jsonl").string();
  db.given["columns"] = column_list{column_of("url", "/url"),
                                    column_of("n", "/n", column_type::number)};
  db.given["capture.type"] = std::string{"none"};
  db.given["mode"] = std::string{"upsert"};
  db.given["key"] = std::vector<std::string>{"url"};
  db.look.script("CREATE TABLE captures (url varchar(3) PRIMARY KEY,"
                 " n numeric CHECK (n > 0), sluice_job text,"
                 " sluice_delivery bigint)");
  auto to = opened_table(db);
  put(*to, 1,
      {R"({"url":"a","n":1})", R"({"url":"long","n":2})",
       R"({"url":"b","n":-3})", R"({"url":"c","n":4})",
       R"({"url":"a","n":5})"});
  CHECK(db.look.ask_all("SELECT url, n FROM captures ORDER BY url")
        == "a|5\nc|4\n");
  CHECK(to->dead_letters() == 2);
}

TEST_CASE("a page whose COMMIT is lost is stored once, with its dead letters",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  using fault = postgres_relay::fault;
  for (auto what : {fault::lose_commit, fault::lose_answer}) {
    postgres_fixture db{*server};
    postgres_relay relay{server->socket_folder()};
    temp_folder folder;
    db.go_through(relay.host());
    db.given["dead_letter"] = (folder / "dead.jsonl").string();
    db.given["capture.type"] = std::string{"jsonb"};
    auto to = opened_table(db);
    relay.arm(what);
    auto page = page_of(1, {"1", R"("\u0000")", "2"});
    CHECK(code_of(to->write(page)) == ec::unavailable);
    CHECK(to->dead_letters() == 0);
    REQUIRE_FALSE(to->write(page));
    CHECK(to->dead_letters() == 1);
    CHECK(db.column("capture") == "1\n2\n");
    put(*to, 2, {"3"});
    CHECK(db.column("capture") == "1\n2\n3\n");
  }
}

TEST_CASE("without permission to create, the sink says what to run",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  db.given["create"] = false;
  db.given["columns"] = column_list{column_of("url", "/url")};
  auto err = refusal(db);
  CHECK(code_of(err) == ec::usage);
  auto ddl = what_of(err);
  ddl = ddl.substr(ddl.find("run: ") + 5);
  db.look.script(ddl);
  put(*opened_table(db), 1, {R"({"url":"a"})"});
  CHECK(db.column("url") == "a\n");
}

TEST_CASE("a table that does not fit is left alone, and the SQL is shown",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  db.given["columns"] = column_list{column_of("url", "/url"),
                                    column_of("at", "/at", column_type::time)};
  db.look.script("CREATE TABLE captures (at timestamp, capture json,"
                 " sluice_job text, sluice_delivery bigint)");
  auto err = refusal(db);
  CHECK(code_of(err) == ec::usage);
  CHECK(mentions(err, R"(ALTER TABLE "captures" ADD COLUMN "url" text, )"
                      R"(ALTER COLUMN "at" TYPE timestamptz)"));
  db.look.script(R"(ALTER TABLE "captures" ADD COLUMN "url" text,)"
                 R"(ALTER COLUMN "at" TYPE timestamptz)");
  CHECK(opened_table(db));

  db.look.script("ALTER TABLE captures ADD COLUMN other int NOT NULL");
  CHECK(mentions(refusal(db), "\"other\""));
  db.look.script("ALTER TABLE captures ALTER COLUMN other SET DEFAULT 1");
  CHECK(opened_table(db));

  db.look.script("ALTER TABLE captures SET UNLOGGED");
  CHECK(mentions(refusal(db), "SET LOGGED"));
  db.look.script("ALTER TABLE captures SET LOGGED");

  db.given["mode"] = std::string{"upsert"};
  db.given["key"] = std::vector<std::string>{"url"};
  CHECK(mentions(refusal(db), R"(CREATE UNIQUE INDEX ON "captures" ("url"))"));
  db.look.script(R"(CREATE UNIQUE INDEX ON "captures" ("url"))");
  CHECK(opened_table(db));

  db.look.script("DROP TABLE captures; CREATE VIEW captures AS SELECT 1 AS a");
  CHECK(mentions(refusal(db), "view"));
}

TEST_CASE("a user who may not write is told before anything is delivered",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  CHECK(opened_table(db));
  db.look.script("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN;"
                 "GRANT SELECT, INSERT ON captures TO reader");
  auto dsn = db.dsn + " user=reader";
  db.given["dsn"] = secret{[dsn] { return caf::expected<std::string>{dsn}; }};
  auto err = refusal(db);
  db.look.script("DROP OWNED BY reader; DROP ROLE reader");
  CHECK(code_of(err) == ec::usage);
  CHECK(mentions(err, "GRANT SELECT, INSERT, DELETE"));
}

TEST_CASE("a job whose table is gone does not continue in a new one",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  sink_position committed;
  {
    auto to = opened_table(db);
    put(*to, 1, {"1"});
    committed = *to->checkpoint();
  }
  db.look.script("DROP TABLE captures");
  auto err = db.make()->open(committed);
  CHECK(code_of(err) == ec::disk);
  CHECK(db.look.ask("SELECT to_regclass('captures')") == "");
}

TEST_CASE("a sink with a new name finds its rows, also under one taken before",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  db.given["table"] = std::string{"others"};
  auto other = db.type().make({"job", "other"}, db.section());
  REQUIRE_FALSE(other->open(std::nullopt));
  put(*other, 1, {"0"});
  db.given["table"] = std::string{"captures"};
  auto to = opened_table(db);
  put(*to, 1, {"1"});
  auto committed = *to->checkpoint();
  put(*to, 2, {"2"});
  std::string kept = "1\n";
  uint64_t delivery = 2;
  for (const auto* name : {"new", "other"}) {
    auto renamed = db.type().make({"job", name}, db.section());
    auto err = renamed->open(committed);
    INFO(what_of(err));
    REQUIRE_FALSE(err);
    CHECK(db.column("capture") == kept);
    put(*renamed, delivery++, {"3"});
    kept += "3\n";
    committed = *renamed->checkpoint();
    put(*renamed, delivery, {"4"}); // not committed
  }
  CHECK(db.look.ask("SELECT capture FROM others") == "0");
}

TEST_CASE("the position of one table is not used for another",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  sink_position committed;
  {
    auto to = opened_table(db);
    put(*to, 1, {"1"});
    committed = *to->checkpoint();
  }
  db.look.script("CREATE TABLE more (LIKE captures)");
  db.given["table"] = std::string{"more"};
  auto err = db.make()->open(committed);
  CHECK(code_of(err) == ec::disk);
  CHECK(mentions(err, "public.captures"));
  // The same table, in other words.
  db.given["table"] = std::string{"public.captures"};
  CHECK(opened_table(db, committed));
}

TEST_CASE("the rows of a job that is left for a new one are cut back",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  sink_position committed;
  {
    auto to = opened_table(db);
    put(*to, 1, {"1"});
    committed = *to->checkpoint();
    put(*to, 2, {"2"});
  }
  auto cut_back = [&] {
    return db.type().cut_back({"job", "name"}, db.section(), committed);
  };
  REQUIRE_FALSE(cut_back());
  CHECK(db.column("capture") == "1\n");
  db.look.script("UPDATE sluice_sink SET delivery = 0"); // not the job's
  CHECK_FALSE(cut_back());
  CHECK(db.look.ask("SELECT delivery FROM sluice_sink") == "0");
}

TEST_CASE("rows are cut back even if the dead letters are gone",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  temp_folder folder;
  auto letters = folder / "letters.jsonl";
  auto url = column_of("url", "/url");
  url.on_missing = gap_rule::dead_letter;
  db.given["columns"] = column_list{url};
  db.given["dead_letter"] = letters.string();
  sink_position committed;
  {
    auto to = opened_table(db);
    put(*to, 1, {R"({"url":"a"})", R"({"none":1})"});
    committed = *to->checkpoint();
    put(*to, 2, {R"({"url":"b"})"});
  }
  std::filesystem::remove(letters);
  CHECK_FALSE(db.type().cut_back({"job", "name"}, db.section(), committed));
  CHECK(db.column("url") == "a\n");
}

TEST_CASE("names in the config stand for themselves", "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  postgres_fixture db{*server};
  db.look.script(R"(CREATE SCHEMA "my ""shop")");
  db.given["table"] = std::string{R"(my "shop.The; DROP)"};
  db.given["columns"] = column_list{column_of(R"(a"b'; --)", "/url")};
  put(*opened_table(db), 1, {R"({"url":"a"})"});
  CHECK(db.look.ask(R"(SELECT "a""b'; --" FROM "my ""shop"."The; DROP")")
        == "a");
  CHECK(db.look.ask(R"(SELECT delivery FROM "my ""shop".sluice_sink)") == "1");
}

TEST_CASE("a section that contradicts itself is refused without connecting",
          "[sinks][postgres]") {
  test::given_values usual{
    {"dsn", secret{[] { return caf::expected<std::string>{"host=/nowhere"}; }}},
    {"table", std::string{"captures"}}};
  auto check = [&](const test::given_values& more) {
    auto given = usual;
    for (const auto& [name, value] : more)
      given.insert_or_assign(name, value);
    const auto& type = postgres_fixture::type();
    return type.check({{}, "name"}, test::section_of(type.spec, given));
  };
  using strings = std::vector<std::string>;
  const column_list url{column_of("url", "/url")};
  CHECK_FALSE(check({}));
  CHECK_FALSE(check({{"columns", url},
                     {"mode", std::string{"upsert"}},
                     {"key", strings{"url"}}}));
  auto strict = column_of("url", "/url");
  strict.on_missing = gap_rule::dead_letter;
  const std::vector<std::pair<test::given_values, const char*>> wrong{
    {{{"dsn", secret{[] { return caf::expected<std::string>{"hunter2"}; }}}},
     "'dsn'"},
    {{{"table", std::string{}}}, "'table'"},
    {{{"table", std::string{"shop.sluice_sink"}}}, "'table'"},
    {{{"table", std::string{"sluice_page"}}}, "'table'"},
    {{{"table", std::string(64, 'a')}}, "63 bytes"},
    {{{"columns", column_list{column_of("capture", "/a")}}}, "'capture'"},
    {{{"columns", column_list{column_of("sluice_job", "/a")}}}, "'sluice_job'"},
    {{{"columns", column_list{strict}}}, "'dead_letter'"},
    {{{"capture.type", std::string{"none"}}}, "'columns'"},
    {{{"key", strings{"url"}}, {"columns", url}}, "'mode: upsert'"},
    {{{"mode", std::string{"upsert"}}}, "'key'"},
    {{{"mode", std::string{"upsert"}}, {"key", strings{"b"}}, {"columns", url}},
     "'b'"},
  };
  for (const auto& [given, text] : wrong) {
    auto err = check(given);
    CAPTURE(text);
    CHECK(code_of(err) == ec::usage);
    CHECK(mentions(err, text));
    CHECK_FALSE(mentions(err, "hunter"));
  }
}

TEST_CASE("the probe says what a job would find and changes nothing",
          "[sinks][postgres]") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  using namespace std::chrono_literals;
  postgres_fixture db{*server};
  const auto& type = postgres_fixture::type();
  auto probe = [&] { return type.probe({{}, "name"}, db.section(), 5s); };
  auto tables = [&] {
    return db.look.ask("SELECT count(*) FROM pg_tables"
                       " WHERE schemaname = 'public'");
  };
  CHECK(probe().state == probe_state::ok);
  CHECK(probe().text.find("CREATE TABLE") != std::string::npos);
  CHECK(tables() == "0");
  db.given["create"] = false;
  CHECK(probe().state == probe_state::failure);
  CHECK(probe().text.find("CREATE TABLE") != std::string::npos);
  db.given["create"] = true;
  CHECK(opened_table(db));
  CHECK(probe().state == probe_state::ok);
  CHECK(probe().text.find("has the table") != std::string::npos);
  db.look.script("ALTER TABLE captures DROP COLUMN capture");
  CHECK(probe().state == probe_state::failure);
  db.given["dsn"] =
    secret{[] { return caf::expected<std::string>{"host=/nowhere user=a"}; }};
  CHECK(probe().state == probe_state::failure);
}
