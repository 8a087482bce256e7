// The sink `sqlite` after crashes, beside other programs, and on disks and
// databases that fail.

#include "actors/sinks/registry.hpp"
#include "tests/actors/sinks/sqlite_fixture.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/sink_sections.hpp"

#include <thread>

using namespace sluice;
using test::page_of;
using test::sqlite_fixture;
using test::strings;

namespace {

class restart_fixture : public sqlite_fixture {
public:
  /// Page n has the captures "n" and "-n".
  static capture_page page(uint64_t n) {
    return page_of(n, {std::to_string(n), "-" + std::to_string(n)});
  }

  strings captures() const {
    return query("SELECT capture FROM captures ORDER BY rowid");
  }

  /// The captures of pages 1 to `last`.
  static strings of_pages(uint64_t last) {
    strings out;
    for (uint64_t n = 1; n <= last; ++n) {
      out.push_back(std::to_string(n));
      out.push_back("-" + std::to_string(n));
    }
    return out;
  }

  /// A copy of the database, with what is in its WAL.
  void back_up() const {
    script("PRAGMA wal_checkpoint(TRUNCATE)");
    std::filesystem::copy_file(
      options.path, folder / "backup.db",
      std::filesystem::copy_options::overwrite_existing);
  }

  void restore() const {
    std::filesystem::remove(options.path);
    std::filesystem::copy_file(folder / "backup.db", options.path);
  }

  config::section section(const std::string& file = "out.db") const {
    test::given_values given{{"path", (folder / file).string()}};
    if (options.dead_letter)
      given["dead_letter"] = options.dead_letter->string();
    return test::section_of(type().spec, given);
  }

  static const sink_type& type() {
    auto found = find_sink_type("sqlite");
    REQUIRE(found);
    return *found;
  }
};

} // namespace

TEST_CASE("after a crash at any page a database has each capture once",
          "[sinks][sqlite]") {
  constexpr uint64_t pages = 3;
  for (uint64_t kept = 0; kept <= pages; ++kept)
    for (auto crash = kept; crash <= pages; ++crash)
      for (auto is_committed : {false, true}) {
        CAPTURE(kept, crash, is_committed);
        restart_fixture files;
        auto sink = files.begun();
        for (uint64_t n = 1; n <= crash; ++n) {
          files.must(sink->write(files.page(n)));
          if (n == kept)
            files.commit(*sink);
        }
        // The ledger does not learn of this one.
        if (is_committed)
          CHECK(sink->checkpoint());
        sink.reset(); // not closed
        auto again = files.continued();
        CHECK(files.captures() == files.of_pages(kept));
        for (auto n = kept + 1; n <= pages; ++n)
          files.must(again->write(files.page(n)));
        files.commit(*again);
        CHECK(files.captures() == files.of_pages(pages));
        CHECK(files.query("SELECT rows FROM sluice_sink") == strings{"6"});
      }
}

TEST_CASE_METHOD(restart_fixture,
                 "a crash before the first checkpoint is no obstacle",
                 "[sinks][sqlite]") {
  auto sink = made();
  must(sink->open(std::nullopt));
  sink.reset();
  context.name = "other";
  auto again = begun();
  must(again->write(page(1)));
  commit(*again);
  CHECK(query("SELECT sink || rows FROM sluice_sink") == strings{"other2"});
  CHECK(captures() == of_pages(1));
}

TEST_CASE_METHOD(restart_fixture,
                 "rows of other jobs in the same table stay as they are",
                 "[sinks][sqlite]") {
  auto first = begun();
  must(first->write(page(1)));
  must(first->write(page(2)));
  commit(*first);
  must(first->close());
  auto first_committed = committed;
  context.job_id = "job-2";
  auto second = begun();
  must(second->write(page(1)));
  CHECK(second->checkpoint());
  second.reset();
  second = continued(); // at its beginning: it deletes its own rows
  CHECK(captures() == of_pages(2));
  must(second->write(page(3)));
  commit(*second);
  must(second->close());
  context.job_id = "job-1";
  committed = first_committed;
  must(continued()->close());
  CHECK(captures() == strings{"1", "-1", "2", "-2", "3", "-3"});
}

TEST_CASE_METHOD(restart_fixture,
                 "a database that has lost committed rows is refused unchanged",
                 "[sinks][sqlite]") {
  options.dead_letter = folder / "dead.jsonl";
  auto sink = begun();
  must(sink->write(page(1)));
  commit(*sink);
  back_up();
  must(sink->write(page(2)));
  commit(*sink);
  must(sink->close());
  auto expected = "the job has committed 4 rows up to delivery 2";
  SECTION("as an older copy") {
    restore();
  }
  SECTION("as a database of another job") {
    std::filesystem::remove(options.path);
    script("CREATE TABLE captures (capture, sluice_job, sluice_delivery)");
    expected = "has no position of this job";
  }
  SECTION("with another number of rows") {
    script("UPDATE sluice_sink SET rows = 3");
  }
  SECTION("gone") {
    std::filesystem::remove(options.path);
    expected = "is gone";
  }
  auto before = test::content_of(options.path);
  auto again = made();
  auto err = again->open(committed);
  CHECK(code_of(err) == ec::disk);
  CHECK_THAT(what_of(err), Catch::Contains(expected));
  CHECK_THAT(what_of(err), Catch::Contains("relocate"));
  must(again->close());
  CHECK(test::content_of(options.path) == before);
  auto kept = type().check_kept(context, section(), committed);
  CHECK(code_of(kept) == ec::disk);
  CHECK_THAT(what_of(kept), Catch::Contains(expected));
}

TEST_CASE_METHOD(restart_fixture,
                 "a job does not begin where the database has its rows",
                 "[sinks][sqlite]") {
  auto sink = begun();
  must(sink->write(page(1)));
  commit(*sink);
  must(sink->close());
  auto err = made()->open(std::nullopt);
  CHECK(code_of(err) == ec::usage);
  CHECK_THAT(what_of(err), Catch::Contains("the ledger is an old copy"));
  CHECK(captures() == of_pages(1));
}

TEST_CASE_METHOD(restart_fixture, "a sink that was renamed finds its rows",
                 "[sinks][sqlite]") {
  auto sink = begun();
  must(sink->write(page(1)));
  commit(*sink);
  must(sink->close());
  context.name = "other";
  sink = continued();
  must(sink->write(page(2)));
  commit(*sink);
  CHECK(query("SELECT sink || rows FROM sluice_sink") == strings{"other4"});
}

TEST_CASE_METHOD(restart_fixture,
                 "another program's transaction makes the sink wait",
                 "[sinks][sqlite]") {
  auto sink = begun();
  auto other = other_program();
  must(other->begin());
  CHECK(code_of(sink->write(page(1))) == ec::unavailable);
  CHECK(code_of(sink->write(page(1))) == ec::unavailable);
  must(other->commit());
  must(sink->write(page(1)));
  CHECK(code_of(other->begin()) == ec::ledger_locked);
  must(sink->write(page(2)));
  commit(*sink);
  must(other->begin());
  other->rollback();
  CHECK(captures() == of_pages(2));
}

TEST_CASE_METHOD(restart_fixture, "a start waits for a lock before it gives up",
                 "[sinks][sqlite]") {
  must(begun()->close());
  auto other = other_program();
  must(other->begin());
  SECTION("which may end") {
    std::thread ending{[&] {
      std::this_thread::sleep_for(10 * options.patience);
      other->rollback();
    }};
    must(continued()->close());
    ending.join();
  }
  SECTION("or not") {
    options.patience = std::chrono::milliseconds{2};
    CHECK(code_of(made()->open(committed)) == ec::unavailable);
    other->rollback();
    must(continued()->close());
  }
}

TEST_CASE_METHOD(restart_fixture,
                 "a reader that blocks a commit makes the sink wait",
                 "[sinks][sqlite]") {
  script(
    "PRAGMA journal_mode = DELETE; CREATE TABLE mine (a); INSERT INTO mine "
    "VALUES (1)");
  auto sink = begun();
  must(sink->write(page(1)));
  auto other = other_program();
  {
    auto reading = other->use("SELECT a FROM mine");
    REQUIRE(reading.next());
    auto waits = sink->checkpoint();
    REQUIRE_FALSE(waits);
    CHECK(code_of(waits.error()) == ec::unavailable);
    CHECK(code_of(sink->checkpoint().error()) == ec::unavailable);
  }
  commit(*sink);
  CHECK(captures() == of_pages(1));
  must(sink->write(page(2)));
  commit(*sink);
  CHECK(query("SELECT rows FROM sluice_sink") == strings{"4"});
}

TEST_CASE_METHOD(
  restart_fixture,
  "readers of a new database see committed rows and block nothing",
  "[sinks][sqlite]") {
  auto sink = begun();
  must(sink->write(page(1)));
  commit(*sink);
  auto other = other_program();
  auto reading = other->use("SELECT capture FROM captures");
  REQUIRE(reading.next());
  must(sink->write(page(2)));
  CHECK(captures() == of_pages(1));
  commit(*sink);
  CHECK(captures() == of_pages(2));
}

TEST_CASE_METHOD(restart_fixture,
                 "a full disk stops the job, and the next start loses nothing",
                 "[sinks][sqlite]") {
  auto big = [](uint64_t n) {
    return page_of(
      n, {"\"" + std::to_string(n) + std::string(400'000, 'x') + "\""});
  };
  auto sink = begun();
  must(sink->write(big(1)));
  commit(*sink);
  caf::error err;
  {
    test::file_size_limit full{4 << 20};
    for (uint64_t n = 2; n <= 20 && !err; ++n)
      err = sink->write(big(n));
    if (!err)
      err = sink->checkpoint().error();
    (void)sink->close();
  }
  CHECK(code_of(err) == ec::disk);
  auto again = continued();
  CHECK(query("SELECT count(*) FROM captures") == strings{"1"});
  for (uint64_t n = 2; n <= 20; ++n)
    must(again->write(big(n)));
  commit(*again);
  CHECK(query("SELECT count(*), sum(length(capture)) FROM captures")
        == strings{"20"});
  CHECK(query("SELECT DISTINCT sluice_delivery FROM captures").size() == 20);
}

TEST_CASE_METHOD(
  restart_fixture,
  "a database that is moved while the job writes it ends the job",
  "[sinks][sqlite]") {
  auto sink = begun();
  must(sink->write(page(1)));
  std::filesystem::rename(options.path, folder / "away.db");
  auto position = sink->checkpoint();
  REQUIRE_FALSE(position);
  CHECK(code_of(position.error()) == ec::disk);
  CHECK_THAT(what_of(position.error()), Catch::Contains("moved, replaced"));
}

TEST_CASE_METHOD(restart_fixture,
                 "a position that another program changed ends the job",
                 "[sinks][sqlite]") {
  auto sink = begun();
  script("DELETE FROM sluice_sink");
  must(sink->write(page(1)));
  auto position = sink->checkpoint();
  REQUIRE_FALSE(position);
  CHECK_THAT(what_of(position.error()), Catch::Contains("another program"));
}

TEST_CASE_METHOD(restart_fixture,
                 "dead letters and rows follow the same checkpoints",
                 "[sinks][sqlite]") {
  script("CREATE TABLE captures (capture TEXT CHECK (capture > 0), sluice_job, "
         "sluice_delivery)");
  options.dead_letter = folder / "dead.jsonl";
  auto sink = begun();
  must(sink->write(page_of(1, {"\"a\""})));
  commit(*sink);
  auto length = std::filesystem::file_size(*options.dead_letter);
  options.dead_letter = folder / "dead.jsonl";
  must(sink->write(page_of(2, {"1", "\"b\""})));
  CHECK(sink->checkpoint());
  sink.reset();
  auto again = continued();
  CHECK(std::filesystem::file_size(*options.dead_letter) == length);
}

TEST_CASE_METHOD(restart_fixture,
                 "what follows the position of a job that is left is deleted",
                 "[sinks][sqlite]") {
  auto sink = begun();
  must(sink->write(page(1)));
  commit(*sink);
  must(sink->write(page(2)));
  CHECK(sink->checkpoint());
  must(sink->close());
  must(type().cut_back(context, section(), committed));
  CHECK(captures() == of_pages(1));
  std::filesystem::remove(options.path);
  must(type().cut_back(context, section(), committed));
  CHECK_FALSE(std::filesystem::exists(options.path));
}

TEST_CASE_METHOD(restart_fixture,
                 "only a database that is not the job's is not cut back",
                 "[sinks][sqlite]") {
  auto sink = begun();
  must(sink->write(page(1)));
  commit(*sink);
  must(sink->close());
  auto cut_back = [&] {
    return type().cut_back(context, section(), committed);
  };
  SECTION("as one without the job's position") {
    script("DELETE FROM sluice_sink");
    must(cut_back());
  }
  SECTION("as an older copy") {
    script("UPDATE sluice_sink SET delivery = 0, rows = 0");
    must(cut_back());
  }
  SECTION("but one whose table has changed is an error") {
    script("ALTER TABLE captures DROP COLUMN capture");
    CHECK(code_of(cut_back()) == ec::usage);
  }
  SECTION("as is a damaged file") {
    test::fill(options.path, std::string(4096, 'x'));
    CHECK(code_of(cut_back()) == ec::disk);
  }
}

TEST_CASE_METHOD(
  restart_fixture,
  "a lost database costs its rows, and the job goes on in a new one",
  "[sinks][sqlite]") {
  options.dead_letter = folder / "dead.jsonl";
  auto sink = begun();
  CHECK_FALSE(type().has_content(committed));
  must(sink->write(page(1)));
  commit(*sink);
  must(sink->close());
  CHECK(type().has_content(committed));
  must(type().check_kept(context, section(), committed));
  std::filesystem::remove(options.path);
  auto next = type().give_up(context, section(), committed, 2);
  REQUIRE(next);
  CHECK(type().given_up(*next) == 2);
  CHECK_FALSE(std::filesystem::exists(options.path));
  committed = *next;
  auto again = continued();
  commit(*again);
  must(again->write(page(2)));
  commit(*again);
  CHECK(captures() == strings{"2", "-2"});
  CHECK(type().given_up(committed) == 2);
  must(again->close());
  must(type().check_kept(context, section(), committed));
  // The dead letters alone: no row is lost.
  std::filesystem::remove(*options.dead_letter);
  auto without = type().give_up(context, section(), committed, 4);
  REQUIRE(without);
  CHECK(type().given_up(*without) == 2);
}

TEST_CASE_METHOD(restart_fixture,
                 "a first start is refused before anything is made",
                 "[sinks][sqlite]") {
  must(type().check_first_start(section()));
  CHECK_FALSE(std::filesystem::exists(options.path));
  auto fields = section();
  fields.set("create", false);
  auto must_exist = type().check_first_start(fields);
  CHECK(code_of(must_exist) == ec::usage);
  CHECK_THAT(what_of(must_exist), Catch::Contains("CREATE TABLE"));
  CHECK_FALSE(std::filesystem::exists(options.path));
  script("CREATE TABLE captures (a)");
  auto err = type().check_first_start(section());
  CHECK(code_of(err) == ec::usage);
  CHECK_THAT(what_of(err), Catch::Contains("ALTER TABLE"));
}
