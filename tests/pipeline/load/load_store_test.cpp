#include "core/base/replace_file.hpp"
#include "core/ledger/load_names.hpp"
#include "pipeline/load/load_store.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

struct store_fixture {
  temp_folder folder;
  std::filesystem::path ledger = folder / "job.sluice";

  [[nodiscard]] auto open(std::string_view sink = "pg") const {
    return load_store::open(ledger, sink);
  }
};

} // namespace

TEST_CASE_METHOD(store_fixture, "a load's state outlasts its process") {
  load_state state{"an id", {{"sinks.pg", "type=null"}}};
  {
    auto store = open();
    REQUIRE(store);
    CHECK_FALSE(store->found());
    CHECK_FALSE(std::filesystem::exists(store->file()));
    state.delivery = 1;
    CHECK_FALSE(store->save(state));
    state.delivery = 2;
    CHECK_FALSE(store->save(state));
  }
  auto store = open();
  REQUIRE(store);
  CHECK(store->found() == state);
  auto& file = store->file();
  CHECK(file.filename() == "job.sluice.load-pg");
  CHECK_FALSE(std::filesystem::exists(replacement_of(file)));
  auto rights = std::filesystem::status(file).permissions();
  CHECK(rights
        == (std::filesystem::perms::owner_read
            | std::filesystem::perms::owner_write));
  CHECK_FALSE(std::filesystem::exists(ledger));
}

TEST_CASE_METHOD(store_fixture, "one process at a time has a sink's load") {
  auto store = open();
  REQUIRE(store);
  auto second = open();
  REQUIRE_FALSE(second);
  CHECK(code_of(second.error()) == ec::ledger_locked);
  CHECK_THAT(what_of(second.error()),
             Catch::Contains("another sluice loads into sink 'pg' (process "));
  CHECK(open("other"));
}

TEST_CASE_METHOD(store_fixture,
                 "a state that was not completed does not count") {
  auto file = state_of_load(ledger, "pg");
  load_state state{"an id", {{"sinks.pg", "type=null"}}};
  fill(file, load_state_text(state));
  fill(replacement_of(file), "sluice lo");
  auto open_to_all = std::filesystem::perms::all;
  std::filesystem::permissions(replacement_of(file), open_to_all);
  auto store = open();
  REQUIRE(store);
  CHECK(store->found() == state);
  CHECK_FALSE(store->save({"an id", {{"sinks.pg", "type=file"}}}));
  CHECK(std::filesystem::status(file).permissions()
        == (std::filesystem::perms::owner_read
            | std::filesystem::perms::owner_write));
}

TEST_CASE_METHOD(store_fixture,
                 "a state that is damaged or cannot be read or written "
                 "is refused and kept") {
  auto file = state_of_load(ledger, "pg");
  SECTION("damaged") {
    fill(file, "sluice load 1\n");
    auto store = open();
    REQUIRE_FALSE(store);
    CHECK(code_of(store.error()) == ec::ledger_unusable);
    CHECK(content_of(file) == "sluice load 1\n");
  }
  SECTION("a folder") {
    std::filesystem::create_directory(file);
    auto store = open();
    REQUIRE_FALSE(store);
    CHECK(code_of(store.error()) == ec::disk);
  }
  SECTION("a folder in the place of the new one") {
    auto store = open();
    REQUIRE(store);
    std::filesystem::create_directory(replacement_of(file));
    CHECK(code_of(store->save({})) == ec::disk);
  }
  SECTION("no folder") {
    ledger = folder / "absent/job.sluice";
    CHECK_FALSE(open());
  }
}

TEST_CASE_METHOD(store_fixture, "every name of a sink makes a file name") {
  for (auto* sink : {"../x", "a/b", "a b", ".", "\xc3\xa9"}) {
    auto store = open(sink);
    REQUIRE(store);
    CHECK_FALSE(store->save({}));
    CHECK(store->file().parent_path() == folder.path());
    auto names = names_of_load(ledger, sink);
    CHECK(names.front() == store->file());
  }
}

TEST_CASE_METHOD(store_fixture, "no sink's state has a name that another "
                                "sink's load needs") {
  std::set<std::filesystem::path> all;
  for (auto* sink : {"x", "x.tmp", "x.lock", "x.tmp.lock"})
    for (auto& name : names_of_load(ledger, sink)) {
      INFO(name);
      CHECK(all.insert(name).second);
    }
}
