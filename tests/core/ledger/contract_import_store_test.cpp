// The contract of every import_store.

#include "core/model/import_target.hpp"
#include "core/model/list_identity.hpp"
#include "tests/core/ledger/contract_fixture.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

list_identity list(const std::string& name) {
  return {name, file_stamp{7, 8}, "0123456789abcdef", "text"};
}

} // namespace

CONTRACT_CASE("an import counts only when it is finished") {
  contract<TestType> store;
  CHECK_FALSE(must(store->is_imported()));
  CHECK_FALSE(store.next());
  must(store->begin_import());
  store.add(0, 3);
  must(store->add_invalid({"a.txt", 2, "x", "no URL"}));
  CHECK_FALSE(must(store->is_imported()));
  CHECK_FALSE(store.next());
  CHECK(store.report().total() == 0);
  must(store->finish_import({6, 1, 2, 3, 1}));
  CHECK(must(store->is_imported()));
  auto counts = must(store->imported());
  CHECK(counts.records == 6);
  CHECK(counts.urls == 3);
  auto sums = store.report();
  CHECK(sums.total() == 6);
  CHECK(sums.invalid == 1);
  CHECK(sums.duplicate == 2);
  CHECK(sums.pending == 3);
  CHECK(store.next()->robot == "robot");
}

CONTRACT_CASE("an import that was not finished starts over") {
  contract<TestType> store;
  must(store->begin_import());
  store.add(0, 3);
  must(store->add_invalid({"a.txt", 2, "x", "no URL"}));
  must(store->add_list(list("/a.txt")));
  store.restart();
  must(store->begin_import());
  store.add(1, 2);
  must(store->add_list(list("/b.txt")));
  must(store->finish_import({2, 0, 0, 2, 1}));
  CHECK(store.next()->urls == ledger_fixture::urls_of(1, 2));
  CHECK_FALSE(store.next());
  CHECK(must(store->invalid_records(9)).empty());
  CHECK(must(store->lists()) == std::vector{list("/b.txt")});
}

CONTRACT_CASE("an import step out of order is refused") {
  contract<TestType> store;
  CHECK(code_of(store->add_batch("robot", {"u"})) == ec::internal);
  CHECK(code_of(store->add_invalid({})) == ec::internal);
  CHECK(code_of(store->add_list(list("/a.txt"))) == ec::internal);
  CHECK(code_of(store->finish_import({})) == ec::internal);
  store.import(1, 2);
  CHECK(code_of(store->begin_import()) == ec::internal);
  CHECK(code_of(store->add_batch("robot", {"u"})) == ec::internal);
  CHECK(store.left() == 1);
}

CONTRACT_CASE("an import whose counts do not add up is not finished") {
  auto counts = GENERATE(import_counts{3, 0, 0, 2, 1}, // URLs
                         import_counts{3, 0, 0, 3, 2}, // batches
                         import_counts{4, 1, 0, 3, 1}, // invalid records
                         import_counts{4, 0, 0, 3, 1}, // the sum
                         import_counts{3, 0, 0, 3, 1});
  contract<TestType> store;
  must(store->begin_import());
  store.add(0, 3);
  auto is_right =
    counts.records == 3 && counts.urls == 3 && counts.batches == 1;
  CHECK(code_of(store->finish_import(counts))
        == (is_right ? ec::no_error : ec::internal));
  CHECK(must(store->is_imported()) == is_right);
}

CONTRACT_CASE("an empty batch is not added") {
  contract<TestType> store;
  must(store->begin_import());
  CHECK(code_of(store->add_batch("robot", {})) == ec::internal);
}

CONTRACT_CASE("lists are kept in order and may be renewed") {
  contract<TestType> store;
  must(store->begin_import());
  list_identity pipe{"-", std::nullopt, "fedcba9876543210", "csv"};
  must(store->add_list(list("/b.txt")));
  must(store->add_list(pipe));
  store.add(0, 1);
  must(store->finish_import({1, 0, 0, 1, 1}));
  store.restart();
  CHECK(must(store->lists()) == std::vector{list("/b.txt"), pipe});
  must(store->renew_lists({list("/a.txt")}));
  store.restart();
  CHECK(must(store->lists()) == std::vector{list("/a.txt")});
}

CONTRACT_CASE("a job is bound once, but a missing value may be added later") {
  contract<TestType> store;
  CHECK(must(store->identity()).empty());
  must(store->bind({{"robot", "a"}, {"sink", ""}}));
  store.restart();
  must(store->bind({{"robot", "a"}, {"sink", "file"}}));
  CHECK(*value_in(must(store->identity()), "sink") == "file");
  job_binding other{{"robot", "b"}, {"sink", "file"}};
  for (auto& err : {store->check_bound(other), store->bind(other)}) {
    CHECK(code_of(err) == ec::usage);
    CHECK_THAT(what_of(err), Catch::Contains("robot was 'a' and is now 'b'"));
  }
  CHECK(*value_in(must(store->identity()), "robot") == "a");
}

CONTRACT_CASE("checking what a job is bound to changes nothing") {
  contract<TestType> store;
  must(store->check_bound({{"robot", "a"}}));
  CHECK(must(store->identity()).empty());
}

CONTRACT_CASE("a job whose folder has moved is the same job") {
  contract<TestType> store;
  must(store->bind({{"ledger.folder", "/old"}, {"sink", "/old/out"}}));
  must(store->bind({{"ledger.folder", "/new"}, {"sink", "/new/out"}}));
  CHECK(*value_in(must(store->identity()), "sink") == "/new/out");
}

CONTRACT_CASE("invalid records are listed and found") {
  contract<TestType> store;
  must(store->begin_import());
  must(store->add_invalid({"a.txt", 2, "x", "no URL"}));
  must(store->add_invalid({"b.txt", 5, "y", "no host"}));
  store.add(0, 1);
  must(store->finish_import({3, 2, 0, 1, 1}));
  CHECK(must(store->invalid_records(1)).size() == 1);
  auto all = must(store->invalid_records(9));
  REQUIRE(all.size() == 2);
  CHECK(all[1].source == "b.txt");
  CHECK(all[1].line == 5);
  CHECK(store.listed(url_state::invalid) == texts{"x", "y"});
  CHECK(must(store->find_invalid("y"))->reason == "no host");
  CHECK_FALSE(must(store->find_invalid("z")));
}
