#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/resource.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// While this exists, no file of this process can grow beyond `bytes`. Writing
/// more fails as on a broken or full disk.
class small_disk {
public:
  explicit small_disk(rlim_t bytes) : handler_{::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~small_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

private:
  rlimit before_{};
  sighandler_t handler_;
};

} // namespace

TEST_CASE_METHOD(ledger_fixture, "an import is visible once it is finished",
                 "[ledger]") {
  open();
  must(store->begin_import());
  must(store->add_batch("rbt_1", views(urls_of(0, 3))));
  must(store->add_batch("rbt_2", views(urls_of(1, 2))));
  must(store->add_invalid({"a.txt", 4, std::string{"b\0d\xFF", 4}, "no host"}));
  must(store->add_invalid({"b.txt", 1, "ftp://x", "not http"}));
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->report()).total() == 0);

  must(store->finish_import({8, 2, 1, 5, 2}));
  for (auto again : {false, true}) {
    if (again)
      open();
    CAPTURE(again);
    CHECK(must(store->is_imported()));
    auto counts = must(store->imported());
    CHECK(counts.records == 8);
    CHECK(counts.batches == 2);
    auto sums = must(store->report());
    CHECK(sums.invalid == 2);
    CHECK(sums.duplicate == 1);
    CHECK(sums.pending == 5);
    CHECK(sums.total() == 8);
    auto first = must(store->next_planned());
    REQUIRE(first);
    CHECK(first->robot == "rbt_1");
    CHECK(first->urls == urls_of(0, 3));
    CHECK(first->depth == 0);
    auto second = must(store->next_planned());
    REQUIRE(second);
    CHECK(second->robot == "rbt_2");
    CHECK(second->urls == urls_of(1, 2));
    CHECK_FALSE(must(store->next_planned()));
  }
  auto invalid = must(store->invalid_records(10));
  REQUIRE(invalid.size() == 2);
  CHECK(invalid[0].source == "a.txt");
  CHECK(invalid[0].line == 4);
  CHECK(invalid[0].text == std::string{"b\0d\xFF", 4});
  CHECK(invalid[1].reason == "not http");
  CHECK(must(store->invalid_records(1)).size() == 1);
}

TEST_CASE_METHOD(ledger_fixture, "an unfinished import is discarded",
                 "[ledger]") {
  open();
  must(store->begin_import());
  // Enough for several chunks, some of which are committed.
  std::string tail(4'000, 'x');
  for (size_t i = 0; i < 5'000; ++i) {
    auto url = "https://shop.example/" + std::to_string(i) + tail;
    must(store->add_batch("rbt_1", {url}));
  }
  must(store->add_invalid({"a.txt", 1, "x", "y"}));
  open();
  CHECK_FALSE(must(store->is_imported()));
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->report()).total() == 0);

  must(store->begin_import());
  must(store->add_batch("rbt_1", views(urls_of(0, 3))));
  must(store->finish_import({3, 0, 0, 3, 1}));
  CHECK(must(store->report()).pending == 3);
  CHECK(must(store->next_planned())->urls == urls_of(0, 3));
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->invalid_records(10)).empty());
}

TEST_CASE_METHOD(ledger_fixture,
                 "an import must begin once and its counts must add up",
                 "[ledger]") {
  open();
  CHECK(code_of(store->add_batch("r", views(urls_of(0, 1)))) == ec::internal);
  CHECK(code_of(store->add_invalid({})) == ec::internal);
  CHECK(code_of(store->finish_import({})) == ec::internal);

  auto counts = GENERATE(import_counts{3, 0, 0, 2, 1},  // not the sum
                         import_counts{3, 0, 0, 3, 1},  // other URLs
                         import_counts{2, 0, 0, 2, 2},  // other batches
                         import_counts{3, 1, 0, 2, 1}); // other invalid ones
  must(store->begin_import());
  must(store->add_batch("r", views(urls_of(0, 2))));
  CHECK(code_of(store->finish_import(counts)) == ec::internal);
  CHECK_FALSE(must(store->is_imported()));
  must(store->finish_import({2, 0, 0, 2, 1}));
  CHECK(code_of(store->begin_import()) == ec::internal);
  CHECK(must(store->report()).pending == 2);
}

TEST_CASE_METHOD(ledger_fixture, "an addition that fails ends the import",
                 "[ledger]") {
  open();
  must(store->begin_import());
  must(store->add_batch("r", views(urls_of(0, 2))));
  for (auto& bad :
       {std::vector<std::string_view>{}, std::vector<std::string_view>{""},
        std::vector<std::string_view>{"https://a/", "b\nc"}}) {
    CHECK(code_of(store->add_batch("r", bad)) == ec::internal);
    if (!bad.empty())
      CHECK(code_of(store->finish_import({2, 0, 0, 2, 1})) == ec::internal);
    must(store->begin_import());
    must(store->add_batch("r", views(urls_of(0, 2))));
  }
  must(store->finish_import({2, 0, 0, 2, 1}));
}

TEST_CASE_METHOD(ledger_fixture, "an import to a full disk says so",
                 "[ledger]") {
  open();
  must(store->begin_import());
  caf::error err;
  {
    small_disk disk{2 << 20};
    for (size_t i = 0; i < 100'000 && !err; ++i)
      err = store->add_batch("r", views(urls_of(i, 20)));
  }
  CHECK(code_of(err) == ec::disk);
  CHECK_THAT(what_of(err), Catch::Contains("run again"));
  // Once there is space, the same ledger restarts the import.
  must(store->begin_import());
  must(store->add_batch("r", views(urls_of(0, 2))));
  must(store->finish_import({2, 0, 0, 2, 1}));
  CHECK(must(store->report()).pending == 2);
}

TEST_CASE_METHOD(ledger_fixture, "a change that the disk refuses is undone",
                 "[ledger]") {
  open_imported(1'000, 20);
  size_t accepted = 0;
  caf::error err;
  {
    small_disk disk{1 << 20};
    while (!err) {
      auto batch = must(store->next_planned());
      REQUIRE(batch);
      err = store->begin_submit(batch->key, {"worker", 0});
      if (!err)
        err = store->settle(batch->key, submit_result::accepted,
                            "run_" + std::to_string(batch->key), 1);
      accepted += err ? 0 : 1;
    }
  }
  CHECK(code_of(err) == ec::disk);
  for (auto again : {false, true}) {
    if (again)
      open();
    CAPTURE(again);
    auto sums = must(store->report());
    CHECK(sums.runs == accepted);
    CHECK(sums.total() == 20'000);
  }
}
