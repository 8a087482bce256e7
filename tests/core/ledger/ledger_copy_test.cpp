// Copies of a ledger in use, and ledgers without an import.

#include "core/ledger/ledger_note.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/resource.h>

using namespace sluice;
using namespace sluice::test;
namespace fs = std::filesystem;

namespace {

struct copy_fixture : ledger_fixture {
  fs::path copy = directory / "copy.sluice";
  fs::path notes = directory / "notes";

  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (auto& entry : fs::directory_iterator{directory})
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
};

/// No file can grow beyond `bytes` while this exists, as on a full disk.
class full_disk {
public:
  explicit full_disk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    auto limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
  }
  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

private:
  rlimit before_{};
  sighandler_t handler_;
};

} // namespace

TEST_CASE_METHOD(copy_fixture,
                 "a copy contains everything committed while the job continues",
                 "[ledger]") {
  open_imported(3, 2);
  auto key = running();
  // The latest commit is only in the -wal, so a plain copy lacks it.
  auto beside = must(attach_ledger(file));
  must(beside->copy_to(copy));
  running();
  auto copied = must(attach_ledger(copy));
  CHECK(must(copied->report()).runs == 1);
  CHECK(must(copied->open_runs()).at(0).batch == key);
  CHECK(must(copied->job_id()) == must(store->job_id()));
  CHECK(must(store->report()).runs == 2);
  CHECK(fs::status(copy).permissions() == fs::perms{0600});
}

TEST_CASE_METHOD(copy_fixture, "a copy never overwrites a file", "[ledger]") {
  open_imported(1, 2);
  fill(copy, "mine");
  auto before = files();
  auto err = store->copy_to(copy);
  CHECK(code_of(err) == ec::disk);
  CHECK_THAT(what_of(err), Catch::Contains("File exists"));
  CHECK(content_of(copy) == "mine");
  CHECK(files() == before);
}

TEST_CASE_METHOD(copy_fixture, "a full disk leaves no partial copy",
                 "[ledger]") {
  open_imported(200, 50);
  auto before = files();
  caf::error err;
  {
    full_disk limit{40'960};
    err = store->copy_to(copy);
  }
  CHECK(code_of(err) == ec::disk);
  CHECK_THAT(what_of(err), Catch::Contains(copy.native())
                             && Catch::Contains("room for a second ledger"));
  CHECK(files() == before);
  must(store->copy_to(copy));
}

TEST_CASE_METHOD(copy_fixture,
                 "a ledger without an import is removed with all its files",
                 "[ledger]") {
  store = must(open_ledger(file, notes));
  must(store->bind({{"robot", "rbt_1"}}));
  must(store->begin_import());
  must(store->add_batch("rbt_1", views(urls_of(0, 2))));
  must(store->discard());
  store.reset();
  CHECK(files() == std::vector<std::string>{"notes"});
  CHECK(fs::is_empty(notes));
}

TEST_CASE_METHOD(copy_fixture, "a ledger with an import is not removed",
                 "[ledger]") {
  open_imported(1, 2);
  CHECK(code_of(store->discard()) == ec::internal);
  CHECK(must(store->report()).pending == 2);
  store = must(attach_ledger(file));
  CHECK(code_of(store->discard()) == ec::internal);
  CHECK(fs::exists(file));
}

TEST_CASE_METHOD(copy_fixture,
                 "a ledger that replaced a failed import is not removed",
                 "[ledger]") {
  open_imported(1, 2);
  store.reset();
  auto saved = directory / "saved.sluice";
  fs::rename(file, saved);
  store = must(open_ledger(file, notes));
  must(store->begin_import());
  fs::rename(saved, file);
  CHECK(code_of(store->discard()) == ec::disk);
  store.reset();
  CHECK(must(must(attach_ledger(file))->report()).pending == 2);
}

TEST_CASE_METHOD(copy_fixture, "a job is bound to new paths in one step",
                 "[ledger]") {
  open_imported(1, 2);
  must(store->bind({{"robot", "rbt_1"}, {"sinks.a", "type=file path=/a"}}));
  must(store->commit({7, {{"a", "at 500"}, {"b", "at 3"}}, {}, {}}));
  job_binding now{{"robot", "rbt_1"}, {"sinks.c", "type=file path=/c"}};
  must(store->leave_for("0123"));
  CHECK(must(store->left_for()) == "0123");
  must(store->rebind(now, {{"c", "at 500"}, {"d", std::nullopt}}));
  CHECK(must(store->left_for()).empty());
  must(open().bind(now));
  CHECK(must(store->position_of("c")) == "at 500");
  for (auto* name : {"a", "b", "d"})
    CHECK_FALSE(must(store->position_of(name)));
  CHECK(must(store->last_delivery()) == 7);
  must(store->bind(now));
}
