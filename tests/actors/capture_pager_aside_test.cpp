// Runs whose captures arrive in unreadable replies.

#include "core/base/log.hpp"
#include "tests/actors/pager_fixture.hpp"
#include "tests/support/problems_since.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct aside_fixture : pager_fixture {
  /// Runs 1 to `count` have ended, each with one unreadable page.
  void end_unreadable(batch_key count) {
    for (batch_key key = 1; key <= count; ++key) {
      pages[name_of(key) + "/"] = page_unreadable();
      record_end(key, {"u" + std::to_string(key)});
    }
  }

  /// The progress of `batch` in the latest checkpoint that contains it.
  [[nodiscard]] const run_progress* last_part(batch_key batch) const {
    for (auto number = store->checkpoints.size(); number-- > 0;)
      if (auto* found = part(number, batch))
        return found;
    return nullptr;
  }

  /// How many times that cursor was requested.
  [[nodiscard]] auto asked_for(const std::string& cursor) const {
    return std::count_if(api->pages.begin(), api->pages.end(),
                         [&](auto& each) { return each.cursor == cursor; });
  }

  /// The committed reason why `batch` is set aside.
  [[nodiscard]] std::optional<std::string> why_aside(batch_key batch) const {
    auto* found = last_part(batch);
    return found != nullptr ? found->set_aside : std::nullopt;
  }
};

/// Another server's refusal, without a body to keep.
page_reply page_astray(read_outcome outcome) {
  page_reply reply;
  reply.verdict = read_as(outcome, "HTTP 401; the link leads elsewhere");
  reply.verdict.elsewhere = true;
  return reply;
}

} // namespace

TEST_CASE_METHOD(aside_fixture, "a page that stays unreadable is requested six "
                                "times, then its run is set aside") {
  start();
  end_unreadable(1);
  advance(14999ms);
  CHECK(fetches() == 5);
  CHECK(stages->committed.empty());
  advance(1s);
  CHECK(fetches() == 6);
  CHECK(why_aside(1) == "not JSON; the reply is in kept");
  CHECK(stages->committed == std::vector<batch_key>{1});
  CHECK_FALSE(last_part(1)->done);
  advance(10min);
  CHECK(fetches() == 6);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(aside_fixture,
                 "captures before the defect are delivered once") {
  pages["r1/"] = page_with({"a"}, "1");
  pages["r1/1"] = page_unreadable({"a", "b"});
  start();
  record_end(1, {"a", "b", "c"}, 3);
  advance(1min);
  REQUIRE(sink->pages.size() == 2);
  REQUIRE(sink->pages[1]->captures.size() == 1);
  CHECK(sink->pages[1]->bytes(sink->pages[1]->captures[0]) == "b");
  CHECK(store->kept[1] == R"("a""b")");
  auto* last = last_part(1);
  REQUIRE(last);
  CHECK(last->set_aside);
  CHECK(last->state.captures == 2);
  CHECK(last->state.cursor == "1");
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(aside_fixture,
                 "a reply that becomes readable in time has no consequences") {
  start();
  end_unreadable(1);
  advance(10s);
  pages["r1/"] = page_with({"u1"});
  advance(1min);
  CHECK(last_part(1)->done);
  CHECK(store->kept.empty());
  CHECK(sink->pages.size() == 1);
}

TEST_CASE_METHOD(aside_fixture,
                 "a run is set aside even if its reply cannot be kept") {
  store->failing["keep"] = make_error(ec::disk, "no room");
  start();
  end_unreadable(1);
  advance(1min);
  CHECK(why_aside(1) == "not JSON");
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(aside_fixture,
                 "three unreadable runs in a row are blamed on the "
                 "API and stop submitting until it recovers") {
  start();
  end_unreadable(4);
  advance(1min);
  CHECK(why_aside(1));
  CHECK(why_aside(2));
  CHECK_FALSE(why_aside(3));
  CHECK_FALSE(why_aside(4));
  CHECK(stages->readable == std::vector<bool>{false});
  auto asked = fetches();
  advance(10min);
  CHECK(fetches() > asked);
  CHECK(stages->committed.size() == 2);
  for (batch_key key = 1; key <= 4; ++key)
    pages[name_of(key) + "/"] = page_with({"u" + std::to_string(key)});
  advance(2min);
  CHECK(stages->readable == std::vector<bool>{false, true});
  CHECK(last_part(3)->done);
  CHECK(last_part(4)->done);
}

TEST_CASE_METHOD(
  aside_fixture,
  "runs set aside because of the API are read again once it recovers") {
  start();
  end_unreadable(3);
  advance(1min);
  CHECK(store->read_again.empty());
  pages["r3/"] = page_with({"u3"});
  advance(2min);
  CHECK(store->read_again == std::vector<batch_key>{1, 2});
  REQUIRE(stages->decisions.size() == 1);
  CHECK(stages->decisions[0].adopted.size() == 2);
}

TEST_CASE_METHOD(
  aside_fixture,
  "any number of bad runs is set aside while other runs are readable") {
  start();
  for (batch_key key = 1; key <= 9; ++key) {
    pages[name_of(key) + "/"] =
      key % 2 == 1 ? page_unreadable() : page_with({"u"});
    record_end(key, {"u"});
    advance(1min);
  }
  for (batch_key key = 1; key <= 9; ++key)
    CHECK(why_aside(key).has_value() == (key % 2 == 1));
  CHECK(stages->readable.empty());
  CHECK(store->read_again.empty());
}

TEST_CASE_METHOD(
  aside_fixture,
  "a stop does not wait for a run that is about to be set aside") {
  store->silent = true;
  start();
  store->answer();
  end_unreadable(1);
  store->answer();
  advance(15s);
  auto drained = drain();
  for (int i = 0; i < 5; ++i) {
    run();
    store->answer();
  }
  run();
  CHECK(drained->value);
  CHECK_FALSE(why_aside(1));
}

TEST_CASE_METHOD(
  aside_fixture,
  "the API's answer about a run ends the wait for a readable reply") {
  start();
  end_unreadable(3);
  advance(1min);
  CHECK(stages->readable == std::vector<bool>{false});
  pages["r3/"] = page_failing(read_outcome::gone);
  advance(3min);
  CHECK(stages->readable == std::vector<bool>{false, true});
  CHECK(store->read_again == std::vector<batch_key>{1, 2});
  CHECK(last_part(3)->done->outcome == run_outcome::lost);
}

TEST_CASE_METHOD(aside_fixture,
                 "at a stop, runs set aside because of the API are "
                 "left for the next start to read") {
  start();
  end_unreadable(3);
  advance(1min);
  auto drained = drain();
  advance(1s);
  CHECK(drained->value);
  CHECK(store->read_again == std::vector<batch_key>{1, 2});
  CHECK(stages->decisions.empty());
}

TEST_CASE_METHOD(aside_fixture, "a reply of another kind resets the tries") {
  start();
  end_unreadable(1);
  advance(10s);
  CHECK(fetches() == 5);
  pages["r1/"] = page_failing(read_outcome::retry);
  advance(5s);
  CHECK(fetches() == 6);
  pages["r1/"] = page_unreadable();
  advance(10s);
  CHECK_FALSE(why_aside(1));
  advance(20s);
  CHECK(why_aside(1));
}

TEST_CASE_METHOD(
  aside_fixture,
  "the submitter learns of new work before the last run is done") {
  start();
  end_unreadable(3);
  advance(1min);
  pages["r3/"] = page_with({"u3"});
  advance(2min);
  REQUIRE(stages->decisions.size() == 1);
  CHECK(stages->committed == std::vector<batch_key>{1, 2, 3});
}

TEST_CASE_METHOD(aside_fixture,
                 "bad runs are distinguished from a bad API even if "
                 "all are read at the same time") {
  start();
  end_unreadable(4);
  list(5, 1);
  record_end(5, {"r5-0"});
  advance(1min);
  for (batch_key key = 1; key <= 4; ++key)
    CHECK(why_aside(key));
  CHECK(stages->readable.empty());
}

TEST_CASE_METHOD(aside_fixture,
                 "a run with an unusable link is set aside and read "
                 "again from its first page") {
  pages["r1/"] = page_with({"a"}, "http://cdn.test/2");
  pages["r1/http://cdn.test/2"] = page_astray(read_outcome::unreadable);
  start();
  record_end(1, {"a", "b"}, 2);
  advance(2min);
  CHECK(why_aside(1) == "HTTP 401; the link leads elsewhere");
  CHECK(asked_for("") == 3);
  CHECK(asked_for("http://cdn.test/2") == 18);
  CHECK(last_part(1)->state.cursor.empty());
  CHECK(last_part(1)->state.captures == 1);
  CHECK(store->kept.empty());
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(aside_fixture, "a link to a silent server is followed for ten "
                                "minutes, then replaced, twice") {
  pages["r1/"] = page_with({"a"}, "http://cdn.test/2");
  pages["r1/http://cdn.test/2"] = page_astray(read_outcome::retry);
  start();
  record_end(1, {"a", "b"}, 2);
  advance(9min);
  CHECK(asked_for("") == 1);
  advance(3min);
  CHECK(asked_for("") == 2);
  advance(11min);
  CHECK(asked_for("") == 3);
  CHECK_FALSE(why_aside(1));
  advance(13min);
  CHECK(why_aside(1) == "HTTP 401; the link leads elsewhere");
  auto asked = fetches();
  advance(1h);
  CHECK(fetches() == asked);
}

TEST_CASE_METHOD(aside_fixture,
                 "a link that expired while the job was stopped is replaced") {
  store->starts[1].state.cursor = "http://cdn.test/old";
  store->starts[1].state.captures = 1;
  store->starts[1].state.next_page = 1;
  store->starts[1].seen = {identity_named("a")};
  pages["r1/http://cdn.test/old"] = page_astray(read_outcome::unreadable);
  pages["r1/"] = page_with({"a"}, "http://cdn.test/new");
  pages["r1/http://cdn.test/new"] = page_with({"b"});
  start();
  record_end(1, {"a", "b"}, 2);
  advance(1min);
  REQUIRE(last_part(1));
  CHECK(last_part(1)->done);
  CHECK_FALSE(why_aside(1));
  CHECK(last_part(1)->state.captures == 2);
  CHECK(asked_for("") == 1);
}

TEST_CASE_METHOD(
  aside_fixture,
  "a refusal by another server affects only the runs that need it") {
  for (batch_key key = 1; key <= 3; ++key) {
    pages[name_of(key) + "/"] = page_with({name_of(key)}, "http://cdn.test/2");
    pages[name_of(key) + "/http://cdn.test/2"] =
      page_astray(read_outcome::unreadable);
  }
  auto before = recent_problems();
  start();
  for (batch_key key = 1; key <= 3; ++key)
    record_end(key, {name_of(key), "b"}, 2);
  advance(3min);
  for (batch_key key = 1; key <= 3; ++key)
    CHECK(why_aside(key));
  CHECK(stages->readable.empty());
  CHECK(problems_since(before, "run_set_aside").size() == 3);
  CHECK(problems_since(before, "captures_unreadable").empty());
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(
  aside_fixture,
  "no other server is given up while the API cannot be reached") {
  pages["r1/"] = page_with({"a"}, "http://cdn.test/2");
  pages["r1/http://cdn.test/2"] = page_astray(read_outcome::retry);
  start();
  record_end(1, {"a", "b"}, 2);
  record_end(2, {"c"}, 1); // the page of this run cannot be requested
  auto anew = [&] {
    return std::count_if(api->pages.begin(), api->pages.end(), [](auto& each) {
      return each.run.id == "r1" && each.cursor.empty();
    });
  };
  advance(1h);
  CHECK(anew() == 1);
  pages["r2/"] = page_with({"c"});
  advance(13min);
  CHECK(anew() == 2);
}

TEST_CASE_METHOD(aside_fixture,
                 "runs with a page above api.max_body are set aside "
                 "at once while the job goes on") {
  start();
  for (batch_key key = 1; key <= 5; ++key) {
    pages[name_of(key) + "/"] = page_with({name_of(key)}, "1");
    pages[name_of(key) + "/1"] = page_failing(read_outcome::too_large);
    record_end(key, {name_of(key), "b"}, 2);
    advance(1s);
  }
  list(6, 1);
  record_end(6, {"r6-0"}, 1);
  advance(1s);
  CHECK(asked_for("1") == 5);
  for (batch_key key = 1; key <= 5; ++key)
    CHECK_THAT(why_aside(key).value_or(""),
               Catch::Contains("lower the profile's page size")
                 && Catch::Contains("sluice resolve"));
  CHECK(last_part(6)->done);
  CHECK(stages->committed.size() == 6);
  CHECK(stages->readable.empty());
  CHECK(boss->failures.empty());
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(aside_fixture,
                 "a job whose every page is above api.max_body stops "
                 "before it buys more") {
  start();
  for (batch_key key = 1; key <= 4; ++key) {
    pages[name_of(key) + "/"] = page_failing(read_outcome::too_large);
    record_end(key, {name_of(key)}, 1);
    advance(1s);
  }
  CHECK(why_aside(1));
  CHECK(why_aside(2));
  CHECK_FALSE(why_aside(3));
  REQUIRE_FALSE(boss->failures.empty());
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
}

TEST_CASE_METHOD(aside_fixture,
                 "a run set aside for a page above api.max_body is "
                 "read again from its start and repeats no capture") {
  pages["r1/"] = page_with({"a", "b"}, "1");
  pages["r1/1"] = page_failing(read_outcome::too_large);
  start();
  record_end(1, {"a", "b", "c"}, 3);
  advance(1s);
  REQUIRE(why_aside(1));
  CHECK(last_part(1)->state.captures == 2);
  CHECK(sink->pages.size() == 1);
  auto* run = store->content.find(1);
  store->starts[1].state = run->paging;
  store->starts[1].seen = run->seen;
  // Smaller pages begin at other captures.
  pages["r1/"] = page_with({"a"}, "one");
  pages["r1/one"] = page_with({"b"}, "two");
  pages["r1/two"] = page_with({"c"});
  record_end(1, {"a", "b", "c"}, 3);
  advance(1s);
  REQUIRE(last_part(1)->done);
  CHECK(last_part(1)->state.captures == 3);
  REQUIRE(sink->pages.size() == 2);
  CHECK(sink->pages[1]->bytes(sink->pages[1]->captures[0]) == "c");
}
