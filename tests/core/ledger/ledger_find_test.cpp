// What the ledger reports about single URLs.

#include "core/db/sqlite.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

struct find_fixture : ledger_fixture {
  /// Finishes the reading of a run that covers `bits`.
  void finish(batch_key key, uint8_t bits, uint64_t captures) {
    run_progress all{key, {"", 1, captures, 0, 0, {bits}}, {}, run_result{}};
    all.done->state = "completed";
    must(store->commit({++delivery, {}, {all}, {}}));
  }

  /// Lines of URL, reason, run and time.
  std::vector<std::string> list(url_state state) {
    std::vector<std::string> lines;
    must(store->each_url(state, [&](const listed_url& url) {
      lines.push_back(std::string{url.url} + " | " + std::string{url.reason}
                      + " | " + std::string{url.run_id} + " | "
                      + std::to_string(url.submitted_at_ms));
      return true;
    }));
    return lines;
  }

  url_place only(const std::string& url) {
    auto places = must(store->find_url(url, 9));
    REQUIRE(places.size() == 1);
    return places[0];
  }

  uint64_t delivery = 0;
};

} // namespace

TEST_CASE_METHOD(
  find_fixture,
  "a listed URL comes with its reason, its run and the time of the submit",
  "[ledger]") {
  open();
  must(store->begin_import());
  for (size_t i = 0; i < 6; ++i)
    must(store->add_batch("rbt_1", views(urls_of(i, 1))));
  must(store->add_invalid({"a.txt", 7, "no url\x1b", "not a URL"}));
  must(store->finish_import({7, 1, 0, 6, 6}));
  finish(ended(), 0, 0);
  must(store->settle(in_flight(), submit_result::held, "timeout\x1b[2J", 1));
  must(store->settle(in_flight(), submit_result::rejected, "422: no", 1));
  running();
  finish(ended(), 1, 1);
  auto url = [](int i) {
    return "https://shop.example/" + std::to_string(i) + "/0";
  };
  using lines = std::vector<std::string>;
  CHECK(list(url_state::missing)
        == lines{url(0) + " | completed | run_1 | 1000"});
  CHECK(list(url_state::held) == lines{url(1) + " | timeout\\x1b[2J |  | 0"});
  CHECK(list(url_state::rejected) == lines{url(2) + " | 422: no |  | 0"});
  CHECK(list(url_state::captured) == lines{url(4) + " |  | run_5 | 1000"});
  CHECK(list(url_state::pending)
        == lines{url(3) + " | its run is open | run_4 | 1000",
                 url(5) + " | not submitted yet |  | 0"});
  CHECK(list(url_state::invalid)
        == lines{"no url\x1b | a.txt:7: not a URL |  | 0"});
  must(store->abandon(2));
  CHECK(list(url_state::failed)
        == lines{url(1) + " | abandoned by the user |  | 0"});
  must(store->retry_missing_by({0, 1}));
  must(store->begin_round({true, false, false}, 1));
  CHECK(list(url_state::pending)[0]
        == url(0) + " | waits to be submitted again | run_1 | 1000");
}

TEST_CASE_METHOD(find_fixture, "a URL is found with its run and its outcome",
                 "[ledger]") {
  open_imported(3, run_size);
  finish(ended(), 0b0101, 3);
  running("run_x");
  auto urls = urls_of(0, run_size);
  auto first = only(urls[0]);
  CHECK(first.batch == 1);
  CHECK(first.robot == "rbt_1");
  CHECK(first.run_id == "run_1");
  CHECK(first.submitted_at_ms == 1'000);
  CHECK(first.urls == run_size);
  CHECK(first.captures == 3);
  CHECK(first.state == url_state::captured);
  CHECK(only(urls[1]).state == url_state::missing);
  CHECK(only(urls[1]).reason == "completed");
  CHECK(only(urls[2]).state == url_state::captured);
  CHECK(only(urls_of(1, run_size)[3]).run_id == "run_x");
  CHECK(only(urls_of(2, run_size)[3]).state == url_state::pending);
  CHECK(must(store->find_url("https://shop.example/0", 9)).empty());
}

TEST_CASE_METHOD(find_fixture, "every run of a URL is reported in order",
                 "[ledger]") {
  open_imported(2, run_size);
  must(store->retry_missing_by({0, run_size}));
  auto urls = urls_of(0, run_size);
  // Its first run is given up. Its second run misses two URLs.
  auto given_up = running("run_gone");
  must(store->give_up(given_up, "too old"));
  must(store->resubmit(given_up));
  finish(ended(), 0b1111, 4); // the other batch
  finish(ended(), 0b0011, 2);
  must(store->begin_round({true, false, false}, 1));
  auto waiting = must(store->find_url(urls[3], 9));
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].run_id == "run_gone");
  CHECK(waiting[0].given_up);
  CHECK(waiting[1].state == url_state::pending);
  auto retry = running();
  auto all = must(store->find_url(urls[3], 9));
  REQUIRE(all.size() == 3);
  CHECK_FALSE(all[1].state);
  CHECK_FALSE(all[1].given_up);
  CHECK(all[2].batch == retry);
  CHECK(all[2].state == url_state::pending);
  must(store->record_end(retry, {}, {}));
  finish(retry, 0, 0);
  CHECK(must(store->find_url(urls[3], 9)).at(2).state == url_state::missing);
  CHECK(must(store->find_url(urls[0], 9)).at(1).state == url_state::captured);
}

TEST_CASE_METHOD(
  find_fixture, "a batch held without a run is reported and a split one is not",
  "[ledger]") {
  open_imported(1, run_size);
  must(store->settle(in_flight(), submit_result::split, {}, 1));
  auto half = in_flight();
  must(store->settle(half, submit_result::held, "timeout", 1));
  must(store->resubmit(half));
  running();
  auto places = must(store->find_url(urls_of(0, run_size)[0], 9));
  REQUIRE(places.size() == 2);
  CHECK(places[0].batch == half);
  CHECK(places[0].given_up);
  CHECK(places[0].run_id.empty());
  CHECK(places[1].state == url_state::pending);
}

TEST_CASE_METHOD(find_fixture,
                 "only as many places of a frequent URL are read as are needed",
                 "[ledger]") {
  open();
  must(store->begin_import());
  for (auto i = 0; i < 2; ++i)
    must(store->add_batch("rbt_1", {"https://b.example", "https://b.example",
                                    "https://b.example"}));
  must(store->finish_import({6, 0, 0, 6, 2}));
  auto held = running();
  must(store->give_up(held, "too old"));
  must(store->resubmit(held));
  auto all = must(store->find_url("https://b.example", 9));
  CHECK(all.size() == 6 + 1); // the run that was given up is reported once
  CHECK(all[3].given_up);
  for (size_t limit : {0, 2, 3, 4, 5})
    CHECK(must(store->find_url("https://b.example", limit)).size() == limit);
}

TEST_CASE_METHOD(find_fixture, "a reason is listed in full", "[ledger]") {
  open_imported(1, 1);
  std::string reason(1'000, 'x');
  must(store->settle(in_flight(), submit_result::rejected, reason, 1));
  CHECK(list(url_state::rejected)
        == std::vector{urls_of(0, 1)[0] + " | " + reason + " |  | 0"});
}

TEST_CASE_METHOD(find_fixture,
                 "equal URLs have the same bytes, as in the import, and "
                 "another spelling is reported",
                 "[ledger]") {
  open();
  must(store->begin_import());
  must(store->add_batch("rbt_1", {"https://Shop.example/a", "https://b.example",
                                  "https://b.example"}));
  must(store->add_invalid({"a.txt", 7, "no url", "not a URL"}));
  must(store->finish_import({4, 1, 0, 3, 1}));
  CHECK(must(store->find_url("https://shop.example/a", 9)).empty());
  CHECK(must(store->find_spelling("https://shop.example/a"))
        == std::optional<std::string>{"https://Shop.example/a"});
  CHECK_FALSE(must(store->find_spelling("https://shop.example/b")));
  CHECK(must(store->find_url("https://b.example", 9)).size() == 2);
  CHECK(must(store->find_invalid("no url"))->line == 7);
  CHECK_FALSE(must(store->find_invalid("no")));
}

TEST_CASE_METHOD(find_fixture,
                 "a run keeps the time of its submit when its age starts over",
                 "[ledger]") {
  open_imported(1, run_size);
  auto key = must(store->next_planned())->key;
  must(store->begin_submit(key, {"worker", 0, 3'000}));
  must(store->settle(key, submit_result::held, "timeout", 1));
  must(store->adopt(key, "run_9", 5'000));
  CHECK(must(store->open_runs()).at(0).submitted_at_ms == 5'000);
  auto url = urls_of(0, run_size)[0];
  CHECK(only(url).submitted_at_ms == 3'000);
  CHECK(list(url_state::pending).at(0)
        == url + " | its run is open | run_9 | 3000");
}

TEST_CASE_METHOD(
  find_fixture,
  "stuck work is reported with its robot, its time and its first URLs",
  "[ledger]") {
  open_imported(1, run_size);
  auto key = must(store->next_planned())->key;
  must(store->begin_submit(key, {"worker", 0, 3'000}));
  must(store->settle(key, submit_result::held, "timeout", 1));
  auto held = must(store->held_batches(9));
  REQUIRE(held.size() == 1);
  CHECK(held[0].robot == "rbt_1");
  CHECK(held[0].submitted_at_ms == 3'000);
  auto urls = urls_of(0, run_size);
  CHECK(must(store->first_urls(key, 2)) == std::vector{urls[0], urls[1]});
  CHECK(must(store->first_urls(key, 9)) == urls);
  must(store->resubmit(key));
  CHECK(must(store->first_urls(key, 2)).empty());
}

TEST_CASE_METHOD(find_fixture, "only queries about URLs read them",
                 "[ledger]") {
  open_imported(3, run_size);
  finish(ended(), 0b0101, 3);
  must(store->retry_missing_by({0, run_size}));
  must(store->begin_round({true, false, false}, 1));
  store.reset();
  must(must(sqlite::database::open(file))->script("DELETE FROM block"));
  store = must(attach_ledger(file));
  CHECK(must(store->report()).total() == 3 * run_size);
  CHECK(must(store->report()).rounds.size() == 2);
  CHECK(must(store->held_batches(9)).empty());
  CHECK(must(store->work_in_hand(9)).open.batches == 0);
  auto listed =
    store->each_url(url_state::pending, [](const listed_url&) { return true; });
  CHECK(code_of(listed) == ec::ledger_unusable);
  CHECK_FALSE(store->find_url(urls_of(0, run_size)[0], 9));
}
