#include "core/api/listed_runs.hpp"
#include "core/flow/run_match.hpp"
#include "tests/core/api/page_maker.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

held_submit batch(batch_key key, std::vector<std::string> urls,
                  std::string robot = "rbt_1") {
  return {key, std::move(robot), std::move(urls), 1'000'000'000};
}

listed_run run(std::string id,
               std::optional<std::vector<std::string>> urls = {},
               std::optional<std::string> robot = "rbt_1") {
  return {std::move(id), std::move(robot), std::move(urls)};
}

page_reply page_of(const std::vector<std::string>& urls) {
  test::page_maker made;
  for (auto& url : urls)
    made.add({}, url);
  return made.page();
}

std::string certain_of(const run_match& match) {
  std::string result;
  for (auto& found : match.certain())
    result += std::to_string(found.batch.key) + ":" + found.run_id + " ";
  return result;
}

/// The ids of the runs whose captures must be requested.
std::vector<std::string> candidates_of(run_match& match) {
  std::vector<std::string> result;
  while (auto run = match.next_candidate())
    result.push_back(run->id);
  return result;
}

const std::string a = "https://shop.example/a";
const std::string b = "https://shop.example/b";
const std::string c = "https://shop.example/c";

} // namespace

TEST_CASE("a run that lists exactly the batch's URLs belongs to the batch") {
  run_match match{{batch(1, {a, b}), batch(2, {c})}};
  match.on_list({run("r1", {{b, a}})});
  CHECK(certain_of(match) == "1:r1 ");
  match.on_list({run("r2", {{c}})});
  CHECK(certain_of(match) == "1:r1 2:r2 ");
}

TEST_CASE("a run that lists other URLs is foreign") {
  run_match match{{batch(1, {a, b})}};
  for (auto& urls : std::vector<std::vector<std::string>>{
         {a}, {a, b, c}, {a, a}, {a, c}, {}})
    match.on_list({run("r", urls)});
  CHECK(match.certain().empty());
}

TEST_CASE("a run of another robot is not a candidate") {
  run_match match{{batch(1, {a})}};
  match.on_list({run("r1", {{a}}, "rbt_2")});
  match.on_captures(run("r2", {}, "rbt_2"), page_of({a}));
  CHECK(match.certain().empty());
  SECTION("the URLs decide if the list has no robots") {
    match.on_list({run("r3", {{a}}, std::nullopt)});
    CHECK(certain_of(match) == "1:r3 ");
  }
}

TEST_CASE("captures decide if the list has no URLs") {
  run_match match{{batch(1, {a, b})}};
  match.on_list({run("r1")});
  CHECK(candidates_of(match) == std::vector<std::string>{"r1"});
  SECTION("none yet, so ask again later") {
    match.on_captures(run("r1"), page_of({}));
    CHECK(match.certain().empty());
    CHECK(match.unknown() == std::vector<std::string>{"r1"});
  }
  SECTION("unreadable, so ask again later") {
    match.on_no_captures(run("r1"));
    CHECK(match.unknown() == std::vector<std::string>{"r1"});
  }
  SECTION("all of the batch") {
    match.on_captures(run("r1"), page_of({b}));
    CHECK(certain_of(match) == "1:r1 ");
  }
  SECTION("in another spelling") {
    match.on_captures(run("r1"), page_of({"https://SHOP.example/a#x"}));
    CHECK(certain_of(match) == "1:r1 ");
  }
  SECTION("one of another URL") {
    match.on_captures(run("r1"), page_of({a, c}));
    CHECK(match.certain().empty());
  }
}

TEST_CASE("the runs of each held batch's robot are listed, once") {
  run_match match{{batch(1, {a}), batch(2, {b}, "rbt_2"), batch(3, {c})}};
  CHECK(match.robots() == std::set<std::string>{"rbt_1", "rbt_2"});
}

TEST_CASE("captures are asked for only of runs that list no URLs") {
  run_match match{{batch(1, {a}), batch(2, {b})}};
  match.on_list({run("r1", {{a}}), run("r2"), run("r3", {{c}}), run("r4")});
  CHECK(candidates_of(match) == std::vector<std::string>{"r2", "r4"});
}

TEST_CASE("the captures of at most twenty runs are requested, since each costs "
          "a request") {
  run_match match{{batch(1, {a})}};
  std::vector<listed_run> half(12, run("r"));
  match.on_list(half);
  CHECK(candidates_of(match).size() == 12);
  match.on_list(half);
  CHECK(candidates_of(match).size() == 8);
  match.on_list(half);
  CHECK(candidates_of(match).empty());
}

TEST_CASE("only a certain match is adopted") {
  run_match match{{batch(1, {a}), batch(2, {a}), batch(3, {b})}};
  SECTION("two runs for one batch") {
    match.on_list({run("r1", {{b}})});
    match.on_list({run("r2", {{b}})});
    CHECK(match.certain().empty());
  }
  SECTION("two batches for one run") {
    match.on_list({run("r1", {{a}})});
    CHECK(match.certain().empty());
  }
  SECTION("absence proves nothing") {
    CHECK(match.certain().empty());
  }
}

TEST_CASE("a run that began long before its submit belongs to an earlier job") {
  auto held = batch(1, {a});
  run_status status;
  CHECK_FALSE(began_before(status, held));
  status.started_at_ms = held.submitted_at_ms - 60'000;
  CHECK_FALSE(began_before(status, held));
  status.started_at_ms = held.submitted_at_ms - 3'600'000;
  CHECK(began_before(status, held));
}

TEST_CASE("the list of runs is read as the profile specifies") {
  find_dialect dialect;
  dialect.items = {"/items"};
  dialect.id = {"/_id"};
  dialect.robot = {"/robotId"};
  dialect.urls = {"/urls"};
  auto runs = read_listed_runs(
    dialect, R"({"items":[{"_id":"r1","robotId":"b","urls":["u","v"]},
                          {"_id":7}, {"robotId":"b"}, 3,
                          {"_id":"r2","urls":["u",1]}]})");
  REQUIRE(runs);
  REQUIRE(runs->size() == 3);
  CHECK(runs->at(0).id == "r1");
  CHECK(runs->at(0).robot == "b");
  CHECK(runs->at(0).urls == std::vector<std::string>{"u", "v"});
  CHECK(runs->at(1).id == "7");
  CHECK_FALSE(runs->at(1).robot);
  CHECK_FALSE(runs->at(2).urls);

  dialect.id = {"/_id", "/id"};
  auto odd = read_listed_runs(
    dialect, R"({"n":1e400,"items":[{"_id":"","id":"r3","x":"\ud800"}]})");
  REQUIRE(odd);
  CHECK(odd->at(0).id == "r3");

  auto long_id = std::string(513, 'x');
  auto unusable = read_listed_runs(dialect, R"({"items":[{"_id":""},{"_id":")"
                                              + long_id + R"("}]})");
  REQUIRE(unusable);
  CHECK(unusable->empty());

  for (auto* wrong : {"", "[]", "{}", R"({"items":{}})", R"({"items":[)"})
    CHECK(code_of(read_listed_runs(dialect, wrong).error()) == ec::bad_reply);
  CHECK(
    code_of(read_listed_runs(dialect, std::string(max_run_list_bytes + 1, ' '))
              .error())
    == ec::bad_reply);
}
