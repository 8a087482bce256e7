// A job that stores captures in a real PostgreSQL server, and is killed.

#include "tests/end_to_end/slow_job.hpp"
#include "tests/support/postgres_server.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

class stored_job : public slow_job {
public:
  explicit stored_job(postgres_server& server)
      : dsn_{server.new_database()}, look{dsn_} {
    fill(file("dsn"), dsn_);
    write_config("  - type: postgres\n"
                 "    dsn: ${file:dsn}\n"
                 "    table: captures\n"
                 "    create: true\n"
                 "    dead_letter: refused.jsonl\n"
                 "    columns: [{name: url, from: /url, required: true}]\n");
  }

  /// Starts the job, and ends it or the database's sessions after a while.
  void disturb(std::chrono::milliseconds later, bool sessions) {
    auto before = written();
    program running{command()};
    for (auto tries = 0; tries < 3'000 && running.running(); ++tries) {
      if (written() > before)
        break;
      std::this_thread::sleep_for(1ms);
    }
    std::this_thread::sleep_for(later);
    if (sessions)
      look.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
               " WHERE datname = current_database()"
               " AND pid <> pg_backend_pid()");
    std::this_thread::sleep_for(later);
    running.signal(SIGKILL);
    running.wait();
  }

  /// The captures in the table, one per line, in the order of delivery.
  std::string table() {
    return look.ask_all("SELECT capture FROM captures"
                        " ORDER BY sluice_delivery, ctid");
  }

private:
  std::string dsn_;

public:
  postgres_client look;
};

} // namespace

TEST_CASE("a table has each capture once after many kills of the job and of "
          "its sessions") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  stored_job job{*server};
  for (auto i = 0; i < 8; ++i)
    job.disturb(i * 7ms, i % 2 == 1);
  auto ended = job.run();
  INFO(ended.err);
  CHECK((ended.exit_code == 0 || ended.exit_code == 3));
  auto got = job.captures();
  CHECK(got.lines > 0);
  CHECK(got.lines == got.by_id.size());
  CHECK(job.table() == content_of(job.file("captures.jsonl")));
  CHECK(job.look.ask("SELECT count(*), count(DISTINCT url) FROM captures")
        == std::to_string(got.lines) + "|" + std::to_string(got.lines));
  CHECK(job.look.ask("SELECT rows FROM sluice_sink")
        == std::to_string(got.lines));
}

TEST_CASE("check --online compares the table and shows no password") {
  auto* server = postgres_server::shared();
  if (server == nullptr)
    return;
  stored_job job{*server};
  fill(job.file("dsn"), content_of(job.file("dsn")) + " password=s3cret-0451");
  job.look.script("CREATE TABLE captures (url text)");
  auto result = job.call("check", {"--online"});
  INFO(result.out << result.err);
  CHECK(result.exit_code != 0);
  auto all = result.out + result.err;
  CHECK_THAT(all, Catch::Contains(R"(ALTER TABLE "captures" ADD COLUMN)"));
  CHECK(all.find("s3cret") == std::string::npos);
}
