#include "actors/capture_pager.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

#include <map>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_limiter_ptr permits = std::make_shared<fake_limiter>();
  fake_stages_ptr stages = std::make_shared<fake_stages>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  fake_sink_ptr sink = std::make_shared<fake_sink>();
  fake_sink_ptr other_sink = std::make_shared<fake_sink>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  capture_pager_config config;
  capture_pager_actor pager;
  /// Pages of each run, by run id and cursor.
  std::map<std::string, page_reply> pages;

  fixture() {
    store->log = api->log;
    stages->log = api->log;
    other_sink->name = "other";
    config.counters = counters;
    config.window = 1000;
    api->on_page = [this](const page_order& order) {
      auto page = pages.find(order.run.id + "/" + order.cursor);
      return page == pages.end() ? page_failing(read_outcome::retry)
                                 : page->second;
    };
  }

  void start(bool two_sinks = false) {
    config.ledger = spawn(fake_keeper, store);
    config.limiter = spawn(limiter_double, permits);
    config.pool = spawn(fake_pool, api);
    config.submitter = spawn(submitter_double, stages);
    config.supervisor = spawn(supervisor_double, boss);
    config.sinks = {spawn(sink_double, sink)};
    if (two_sinks)
      config.sinks.push_back(spawn(sink_double, other_sink));
    pager = spawn(capture_pager, config);
    run();
  }

  /// Batch `key` of these URLs has become a run that is terminal.
  void end_run(batch_key key, std::vector<std::string> urls,
               std::optional<uint64_t> extracted = {},
               run_outcome outcome = run_outcome::completed) {
    store->starts[key].urls = urls;
    tell(pager, ended_run{key, run_ref{name_of(key), {}},
                          run_end{outcome, "completed", extracted},
                          static_cast<uint32_t>(urls.size())});
  }

  static std::string name_of(batch_key key) {
    return "r" + std::to_string(key);
  }

  /// Run `key` lists `count` pages of one capture and `bytes` each.
  void list(batch_key key, size_t count, size_t bytes = 100) {
    auto name = name_of(key);
    for (size_t i = 0; i < count; ++i) {
      auto cursor = i == 0 ? std::string{} : std::to_string(i);
      auto next =
        i + 1 < count ? std::optional{std::to_string(i + 1)} : std::nullopt;
      pages[name + "/" + cursor] =
        page_with({name + "-" + std::to_string(i)}, next, bytes);
    }
  }

  [[nodiscard]] size_t fetches() const { return api->pages.size(); }

  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(pager, atoms::drain_atom::value);
  }

  /// The part of the cut `number` that belongs to `batch`.
  [[nodiscard]] const run_progress* part(size_t number, batch_key batch) const {
    for (auto& run : store->cuts.at(number).runs)
      if (run.batch == batch)
        return &run;
    return nullptr;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "before any page, what the sinks found at their "
                          "opening is committed") {
  list(1, 1);
  sink->acks = false;
  start();
  end_run(1, {"r1-0"});
  CHECK(fetches() == 0);
  sink->answer();
  run();
  CHECK(store->cuts.size() == 1);
  CHECK(store->cuts[0].delivery == 0);
  CHECK(store->cuts[0].sinks
        == std::vector<std::pair<std::string, sink_position>>{{"fake", "0"}});
  CHECK(fetches() == 1);
}

TEST_CASE_METHOD(fixture, "pages of several runs get one order, the same at "
                          "every sink") {
  list(1, 3);
  list(2, 3);
  config.last_delivery = 40;
  start(true);
  end_run(1, {"r1-0"});
  end_run(2, {"r2-0"});
  REQUIRE(sink->pages.size() == 6);
  CHECK(sink->pages == other_sink->pages);
  for (size_t i = 0; i < 6; ++i)
    CHECK(sink->pages[i]->delivery == 41 + i);
  std::map<batch_key, uint32_t> next;
  for (auto& page : sink->pages) {
    CHECK(page->number == next[page->batch]++);
    CHECK(page->run_id == name_of(page->batch));
    REQUIRE(page->captures.size() == 1);
    CHECK(page->bytes(page->captures[0])
          == page->run_id + "-" + std::to_string(page->number));
  }
  CHECK(counters->captures == 6);
}

TEST_CASE_METHOD(fixture, "a run is committed and leaves only when all sinks "
                          "have its captures and the ledger says so") {
  list(1, 2);
  start(true);
  other_sink->acks = false;
  end_run(1, {"r1-0", "x"});
  CHECK(stages->committed.empty());
  CHECK(store->cuts.size() == 1);
  store->silent = true;
  other_sink->answer();
  run();
  REQUIRE(store->cuts.size() == 2);
  CHECK(stages->committed.empty());
  store->answer();
  run();
  CHECK(stages->committed == std::vector<batch_key>{1});
  auto* run = part(1, 1);
  REQUIRE(run);
  CHECK(run->done->outcome == run_outcome::completed);
  CHECK(run->state.captures == 2);
  CHECK(run->state.extras == 1);
  CHECK(run->new_identities.size() == 2);
  CHECK(store->cuts[1].delivery == 2);
  CHECK(store->cuts[1].sinks.size() == 2);
  CHECK(counters->runs_done == 1);
  CHECK(counters->urls_covered == 1);
  CHECK(counters->urls_settled == 2);
}

TEST_CASE_METHOD(fixture, "while nothing happens there are no cuts") {
  start();
  advance(1h);
  CHECK(store->cuts.size() == 1);
  list(1, 1);
  end_run(1, {});
  advance(1h);
  CHECK(store->cuts.size() == 2);
}

// -- the window ---------------------------------------------------------------

TEST_CASE_METHOD(fixture, "with a sink that acks nothing, fetching stops "
                          "within the window") {
  list(1, 50);
  start();
  sink->acks = false;
  end_run(1, {});
  CHECK(fetches() == 10);
  CHECK(counters->window_bytes == 1000);
  advance(1h);
  CHECK(fetches() == 10);
  sink->answer(1);
  run();
  CHECK(fetches() == 11);
  sink->acks = true;
  sink->answer();
  run();
  CHECK(fetches() == 50);
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(fixture, "a page is out of the window when the last sink has "
                          "it") {
  list(1, 50);
  start(true);
  other_sink->acks = false;
  end_run(1, {});
  CHECK(fetches() == 10);
  other_sink->answer(3);
  run();
  CHECK(fetches() == 13);
}

TEST_CASE_METHOD(fixture, "a page that does not come gives its room back") {
  list(1, 1, 1000);
  list(2, 1, 1000);
  auto broken = true;
  auto working = api->on_page;
  api->on_page = [&, working](const page_order& order) {
    return broken && order.run.id == "r1" ? page_failing(read_outcome::retry)
                                          : working(order);
  };
  start();
  end_run(1, {});
  end_run(2, {});
  CHECK(sink->pages.size() == 1);
  broken = false;
  advance(1s);
  CHECK(sink->pages.size() == 2);
  CHECK(counters->window_bytes == 0);
}

// -- the consistent cut -------------------------------------------------------

TEST_CASE_METHOD(fixture, "a cut is as of its delivery: what is delivered "
                          "while it is under way is not in it") {
  list(1, 4);
  start();
  api->silent = true;
  end_run(1, {"r1-0", "r1-1"});
  api->answer(1);
  run();
  CHECK(sink->pages.size() == 1);
  sink->acks = false;
  advance(1s); // the cut is in the sink's mailbox, behind page 1
  sink->log->add("--");
  api->answer(2); // pages 2 and 3
  run();
  api->answer(2);
  run();
  CHECK(sink->pages.size() == 3);
  sink->answer();
  run();
  REQUIRE(store->cuts.size() >= 2);
  CHECK(store->cuts[1].delivery == 1);
  auto* run = part(1, 1);
  REQUIRE(run);
  CHECK(run->state.cursor == "1");
  CHECK(run->state.next_page == 1);
  CHECK(run->state.captures == 1);
  CHECK(run->state.covered == coverage_bits{1});
  CHECK(run->new_identities.size() == 1);
  CHECK_FALSE(run->done);
  CHECK(sink->log->entries
        == std::vector<std::string>{"cut", "page 1", "cut", "--", "page 2",
                                    "page 3"});
}

TEST_CASE_METHOD(fixture, "every cut holds just the pages delivered before it, "
                          "also when bytes bring it about") {
  // A cut that counted a page as read before it was delivered would lose it
  // at a restart.
  list(1, 40);
  config.cut_bytes = 250;
  start();
  end_run(1, {});
  advance(1min);
  REQUIRE(store->cuts.size() > 5);
  for (auto& cut : store->cuts)
    for (auto& run : cut.runs)
      CHECK(run.state.captures == cut.delivery);
  // And in-band: the sink sees the cut after exactly those pages.
  uint64_t pages_seen = 0;
  size_t cuts_seen = 0;
  for (auto& entry : sink->log->entries)
    if (entry == "cut")
      CHECK(store->cuts.at(cuts_seen++).delivery == pages_seen);
    else
      ++pages_seen;
  CHECK(cuts_seen == store->cuts.size());
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(fixture, "one cut at a time, and the identities of each run "
                          "are in exactly one") {
  list(1, 20);
  config.cut_bytes = 100;
  start();
  api->silent = true;
  end_run(1, {});
  store->silent = true;
  api->silent = false;
  api->answer();
  advance(10s);
  CHECK(fetches() == 20);
  CHECK(store->cuts.size() == 2);
  store->silent = false;
  store->answer();
  advance(10s);
  size_t identities = 0;
  for (auto& cut : store->cuts)
    for (auto& run : cut.runs)
      identities += run.new_identities.size();
  CHECK(identities == 20);
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(fixture, "a cut counts the requests since the one before") {
  list(1, 1);
  start();
  counters->polls = 3;
  counters->pages = 1;
  end_run(1, {});
  advance(1s);
  counters->polls = 5;
  counters->rate_limited = 1;
  list(2, 1);
  end_run(2, {});
  advance(1s);
  REQUIRE(store->cuts.size() == 3);
  CHECK(store->cuts[1].requests.polls == 3);
  CHECK(store->cuts[1].requests.pages == 1);
  CHECK(store->cuts[2].requests.polls == 2);
  CHECK(store->cuts[2].requests.rate_limited == 1);
}

// -- listings that are not straight -------------------------------------------

TEST_CASE_METHOD(fixture, "captures listed before are dropped; a page without "
                          "new ones is not delivered") {
  pages["r1/"] = page_with({"a", "b"}, "1");
  pages["r1/1"] = page_with({"a", "b"}, "2");
  pages["r1/2"] = page_with({"b", "c"});
  start();
  end_run(1, {"a", "b", "c"}, 3);
  advance(1s);
  REQUIRE(sink->pages.size() == 2);
  REQUIRE(sink->pages[1]->captures.size() == 1);
  CHECK(sink->pages[1]->bytes(sink->pages[1]->captures[0]) == "c");
  auto* run = part(1, 1);
  REQUIRE(run);
  CHECK(run->state.captures == 3);
  CHECK(run->state.repeated == 3);
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(fixture, "fewer captures than reported are listed again after "
                          "a pause") {
  pages["r1/"] = page_with({"a"});
  start();
  end_run(1, {"a", "b"}, 2);
  advance(4999ms);
  CHECK(fetches() == 1);
  CHECK(stages->committed.empty());
  pages["r1/"] = page_with({"a", "b"});
  advance(1ms);
  CHECK(fetches() == 2);
  advance(1s);
  CHECK(stages->committed.size() == 1);
  CHECK(sink->pages.size() == 2);
}

TEST_CASE_METHOD(fixture, "captures that never come are a shortfall after the "
                          "third listing") {
  pages["r1/"] = page_with({"a"});
  start();
  end_run(1, {"a", "b"}, 2);
  advance(1min);
  CHECK(fetches() == 3);
  CHECK(stages->committed.size() == 1);
  auto& last = store->cuts.back().runs.at(0);
  CHECK(last.done->outcome == run_outcome::completed);
  CHECK(last.done->extracted == 2);
  CHECK(last.state.captures == 1);
}

TEST_CASE_METHOD(fixture, "an expired cursor starts the listing again") {
  pages["r1/"] = page_with({"a"}, "old");
  pages["r1/old"] = page_failing(read_outcome::gone);
  start();
  end_run(1, {"a", "b"});
  CHECK(fetches() == 2);
  pages["r1/"] = page_with({"a"}, "new");
  pages["r1/new"] = page_with({"b"});
  advance(6s);
  CHECK(stages->committed.size() == 1);
  CHECK(sink->pages.size() == 2);
  CHECK(store->cuts.back().runs.at(0).done->outcome == run_outcome::completed);
}

TEST_CASE_METHOD(fixture, "paging that leads in circles ends as a lost run, "
                          "its captures kept") {
  pages["r1/"] = page_with({"a"}, "1");
  pages["r1/1"] = page_with({"b"}, "1");
  start();
  end_run(1, {"a", "b"});
  advance(1min);
  CHECK(fetches() == 6);
  CHECK(sink->pages.size() == 2);
  REQUIRE(stages->committed.size() == 1);
  auto& done = *store->cuts.back().runs.at(0).done;
  CHECK(done.outcome == run_outcome::lost);
  CHECK_THAT(done.state, Catch::Contains("cursor"));
}

TEST_CASE_METHOD(fixture, "a run whose captures cannot be listed for a minute "
                          "is lost, the job goes on") {
  pages["r1/"] = page_failing(read_outcome::gone);
  list(2, 1);
  start();
  end_run(1, {"a"});
  end_run(2, {"b"});
  advance(50s);
  CHECK(stages->committed == std::vector<batch_key>{2});
  advance(80s);
  CHECK(stages->committed == std::vector<batch_key>{2, 1});
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(fixture, "a run that was lost while polling is committed "
                          "without a request") {
  start();
  end_run(1, {"a"}, {}, run_outcome::lost);
  advance(1s);
  CHECK(fetches() == 0);
  CHECK(stages->committed.size() == 1);
  CHECK(part(1, 1)->done->outcome == run_outcome::lost);
}

TEST_CASE_METHOD(fixture, "failed and stopped runs are read, too: their "
                          "captures are paid for") {
  list(1, 2);
  start();
  end_run(1, {"r1-0"}, {}, run_outcome::failed);
  advance(1s);
  CHECK(sink->pages.size() == 2);
  CHECK(part(1, 1)->done->outcome == run_outcome::failed);
}

TEST_CASE_METHOD(fixture, "a restart goes on at the committed cursor and "
                          "drops what was committed") {
  list(1, 3);
  store->starts[1].state.cursor = "1";
  store->starts[1].state.next_page = 1;
  store->starts[1].state.captures = 1;
  store->starts[1].seen = {identity_named("r1-0"), identity_named("r1-1")};
  start();
  end_run(1, {"r1-0", "r1-1", "r1-2"});
  CHECK(api->pages.at(0).cursor == "1");
  REQUIRE(sink->pages.size() == 1);
  CHECK(sink->pages[0]->number == 2);
  CHECK(sink->pages[0]->delivery == 1);
}

TEST_CASE_METHOD(fixture, "replies that fail are repeated with backoff; a 429 "
                          "at once, for the limiter makes it wait") {
  auto failures = GENERATE(
    std::vector{read_outcome::retry, read_outcome::not_ready},
    std::vector{read_outcome::rate_limited, read_outcome::rate_limited});
  list(1, 1);
  auto working = api->on_page;
  api->on_page = [&, working](const page_order& order) {
    return fetches() <= failures.size() ? page_failing(failures[fetches() - 1])
                                        : working(order);
  };
  start();
  end_run(1, {});
  CHECK(fetches() == (failures[0] == read_outcome::rate_limited ? 3 : 1));
  advance(3s);
  CHECK(fetches() == 3);
  CHECK(sink->pages.size() == 1);
}

TEST_CASE_METHOD(fixture, "a page that no repetition helps stops the job") {
  pages["r1/"] = page_failing(read_outcome::stop_job);
  start();
  end_run(1, {});
  advance(1min);
  CHECK(fetches() == 1);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
}

// -- failures -----------------------------------------------------------------

TEST_CASE_METHOD(fixture, "a sink that fails stops the job once; nothing is "
                          "committed or fetched after that") {
  list(1, 50);
  start(true);
  sink->failure = make_error(ec::disk, "no space");
  end_run(1, {});
  advance(1min);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::disk);
  CHECK(store->cuts.size() == 1);
  CHECK(fetches() < 50);
  CHECK(drain()->value);
  CHECK(store->cuts.size() == 1);
}

TEST_CASE_METHOD(fixture, "a cut that the ledger does not take stops the job") {
  list(1, 1);
  start();
  store->failing["commit"] = make_error(ec::disk, "no space");
  end_run(1, {});
  advance(1s);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::disk);
  CHECK(stages->committed.empty());
  CHECK(drain()->value);
}

// -- stopping -----------------------------------------------------------------

TEST_CASE_METHOD(fixture, "draining commits all that was delivered, then "
                          "answers") {
  list(1, 5);
  start();
  api->silent = true;
  end_run(1, {});
  api->answer(1);
  run();
  auto drained = drain();
  CHECK(drained->pending()); // a page is under way
  api->answer();
  store->silent = true;
  run();
  CHECK(sink->pages.size() == 2);
  REQUIRE(store->cuts.size() == 2);
  CHECK(store->cuts[1].delivery == 2);
  CHECK(part(1, 1)->state.cursor == "2");
  CHECK(drained->pending());
  store->answer();
  run();
  CHECK(drained->value);
  advance(1h);
  CHECK(fetches() == 2);
  CHECK(store->cuts.size() == 2);
}

TEST_CASE_METHOD(fixture, "draining waits for the cut that is under way and "
                          "makes one more") {
  list(1, 2);
  start();
  sink->acks = false;
  end_run(1, {});
  sink->answer(1);
  run();
  advance(1s);
  auto drained = drain();
  CHECK(drained->pending());
  sink->acks = true;
  sink->answer();
  run();
  CHECK(drained->value);
  CHECK(store->cuts.back().delivery == 2);
}

TEST_CASE_METHOD(fixture,
                 "a draining pager does not wait for permits; those that come "
                 "late go back") {
  list(1, 1);
  permits->silent = true;
  start();
  end_run(1, {});
  REQUIRE(permits->parked.size() == 1);
  CHECK(drain()->value);
  permits->grant();
  run();
  CHECK(permits->released.size() == 1);
  CHECK(fetches() == 0);
}

TEST_CASE_METHOD(fixture, "a sink that fails while draining is not waited for, "
                          "and is no news") {
  list(1, 1);
  start();
  sink->acks = false;
  end_run(1, {});
  auto drained = drain();
  CHECK(drained->pending());
  sink->failure = make_error(ec::unavailable, "down");
  sink->answer();
  run();
  CHECK(drained->value);
  CHECK(boss->failures.empty());
  CHECK(store->cuts.size() == 1);
}
