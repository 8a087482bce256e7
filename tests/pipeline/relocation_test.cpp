// A moved job is distinguished from a different one, and no file is mistaken
// for another.

#include "pipeline/continuing.hpp"
#include "pipeline/moved_folder.hpp"
#include "pipeline/relocate.hpp"
#include "pipeline/relocation.hpp"
#include "tests/pipeline/job_files.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct relocation_fixture : job_files {
  static constexpr auto two = "{type: file, name: a, path: a.jsonl}, "
                              "{type: file, name: b, path: b.jsonl}";

  caf::expected<std::string>
  relocated(const settings& now, const std::vector<std::string>& lost = {}) {
    return relocate(*must(open_ledger(now.ledger)), now, lost);
  }

  /// The relocation is refused and the ledger is unchanged.
  std::string refusal(const settings& now,
                      const std::vector<std::string>& lost = {},
                      ec code = ec::usage) {
    auto content = [&] {
      auto store = must(open_ledger(now.ledger));
      return std::pair{must(store->identity()), must(store->position_of("a"))};
    };
    auto before = content();
    auto result = relocated(now, lost);
    REQUIRE_FALSE(result);
    CHECK(code_of(result.error()) == code);
    CHECK(content() == before);
    return what_of(result.error());
  }

  /// Checks that a start would be allowed and would continue in all files.
  void check_goes_on(const settings& now) {
    auto store = must(open_ledger(now.ledger));
    must(check_sinks_kept(*store, now));
    must(bind_job(*store, now));
    must(check_sinks_kept(*store, now));
  }
};

} // namespace

TEST_CASE_METHOD(relocation_fixture,
                 "a job whose whole folder has moved continues there") {
  begin(config(two), 3);
  check_goes_on(config(two));
  move_to("elsewhere");
  check_goes_on(config(two));
  move_to("and further");
  check_goes_on(config(two));
}

TEST_CASE_METHOD(relocation_fixture,
                 "another file in a moved folder is not mistaken for "
                 "one that is still empty") {
  auto rule = GENERATE(as<std::string>{}, "refuse", "replace");
  auto sinks = "{type: file, name: a, path: a.jsonl, exists: " + rule + "}";
  begin(config(sinks), 0);
  fill(file("a.jsonl"), "torn");
  check_goes_on(config(sinks)); // a killed process has left this
  move_to("elsewhere");
  auto now = config(sinks);
  fill(file("a.jsonl"), "mine\n");
  {
    auto store = must(open_ledger(now.ledger));
    auto before = must(store->changes());
    CHECK(code_of(check_sinks_kept(*store, now)) == ec::usage);
    CHECK_THAT(what_of(bind_job(*store, now)), Contains("already has content"));
    CHECK(must(store->changes()) == before);
  }
  CHECK_THAT(refusal(now), Contains("already has content"));
  fs::remove(file("a.jsonl"));
  check_goes_on(now);
  // Nor is a file that appears before the first write.
  fill(file("a.jsonl"), "mine\n");
  auto position = must(must(open_ledger(now.ledger))->position_of("a"));
  auto made = find_sink_type("file")->make({"id", "a"}, now.sinks[0].fields);
  CHECK_THAT(what_of(made->open(position)), Contains("already has content"));
  CHECK(content_of(file("a.jsonl")) == "mine\n");
}

TEST_CASE_METHOD(relocation_fixture,
                 "a superseded job does not cut back another file in "
                 "a moved folder") {
  auto sinks = "{type: file, name: a, path: a.jsonl, exists: append}";
  begin(config(sinks), 0);
  fill(file("a.jsonl"), "torn");
  must(cut_sinks_back(*must(open_ledger(config(sinks).ledger)), config(sinks)));
  CHECK(content_of(file("a.jsonl")).empty());
  move_to("elsewhere");
  fill(file("a.jsonl"), "mine\n");
  must(cut_sinks_back(*must(open_ledger(config(sinks).ledger)), config(sinks)));
  CHECK(content_of(file("a.jsonl")) == "mine\n");
}

TEST_CASE_METHOD(relocation_fixture,
                 "a copy without its files changes nothing and the "
                 "job continues in its old place") {
  begin(config(two), 3);
  auto original = folder();
  auto notes = original.parent_path() / "notes";
  must(must(open_ledger(config(two).ledger, notes))->commit({2, {}, {}, {}}));
  copy_to("copy");
  fs::remove(file("b.jsonl"));
  auto now = config(two);
  CHECK(code_of(bind_job(*must(open_ledger(now.ledger, notes)), now))
        == ec::disk);
  CHECK(open_ledger(original / "job.sluice", notes));
}

TEST_CASE_METHOD(relocation_fixture,
                 "a superseded job continues only in new files") {
  auto named = [&](const std::string& a, const std::string& b) {
    return config("{type: file, name: a, exists: append, path: " + a
                  + "}, {type: file, name: b, path: " + b + "}");
  };
  auto was = named("a.jsonl", "b.jsonl");
  begin(was, 3);
  auto own = content_of(file("a.jsonl"));
  must(must(open_ledger(was.ledger))->leave_for("00ff"));
  fill(file("a.jsonl"), own + "{\"of the new job\":1}\n");
  auto now = named("new.jsonl", "b2.jsonl");
  fs::copy_file(file("a.jsonl"), file("new.jsonl"));
  fs::copy_file(file("b.jsonl"), file("b2.jsonl"));
  CHECK_THAT(refusal(was), Contains("name a new file for sink 'a'"));
  CHECK_THAT(refusal(was, {"a", "b"}),
             Contains("name a new file for sink 'a'"));
  CHECK_THAT(refusal(now, {}, ec::disk), Contains("has more than this job"));
  fs::remove(file("new.jsonl"));
  auto text = relocated(now, {"a"});
  REQUIRE(text);
  CHECK_THAT(*text, Contains("3 captures of checkpoint 1 stay in the old one")
                      && Contains("b: continues with"));
  CHECK(must(must(open_ledger(now.ledger))->left_for()).empty());
  check_goes_on(now);
}

TEST_CASE_METHOD(relocation_fixture,
                 "a moved file is continued once the config names it") {
  begin(config(two), 3);
  fs::create_directory(file("new"));
  fs::rename(file("a.jsonl"), file("new/a.jsonl"));
  auto now = config("{type: file, name: a, path: new/a.jsonl}, "
                    "{type: file, name: b, path: b.jsonl}");
  {
    auto store = must(open_ledger(now.ledger));
    auto refused = store->bind(identity_of(now, sink_specs()));
    CHECK(code_of(refused) == ec::usage);
    CHECK_THAT(what_of(refused), Contains("`sluice relocate`"));
  }
  auto text = relocated(now);
  REQUIRE(text);
  CHECK_THAT(*text,
             Contains("a: continues with '" + file("new/a.jsonl").native())
               && Contains("b: is where it was"));
  check_goes_on(now);
  REQUIRE(relocated(now)); // nothing has moved since
}

TEST_CASE_METHOD(relocation_fixture,
                 "another file is not mistaken for the job's") {
  begin(config(two), 3);
  auto now = config("{type: file, name: a, path: new.jsonl}, "
                    "{type: file, name: b, path: b.jsonl}");
  SECTION("none at all") {
    CHECK_THAT(refusal(now, {}, ec::disk), Contains("is gone"));
    CHECK_FALSE(fs::exists(file("new.jsonl")));
  }
  SECTION("one that is too short") {
    fill(file("new.jsonl"), "{}\n");
    CHECK_THAT(refusal(now, {}, ec::disk), Contains("shortened it"));
    CHECK(content_of(file("new.jsonl")) == "{}\n");
  }
  SECTION("one with the same length") {
    auto other =
      std::string(content_of(file("a.jsonl")).size() - 1, 'x') + "\n";
    fill(file("new.jsonl"), other);
    CHECK_THAT(refusal(now, {}, ec::disk),
               Contains("does not end with what this job wrote"));
    CHECK(content_of(file("new.jsonl")) == other);
  }
  SECTION("all of them are reported") {
    fs::remove(file("b.jsonl"));
    CHECK_THAT(refusal(now, {}, ec::disk),
               Contains("new.jsonl', which") && Contains("b.jsonl', which"));
  }
}

TEST_CASE_METHOD(
  relocation_fixture,
  "a file in place of one that is still empty is not overwritten") {
  begin(config(two), 0);
  auto now = config("{type: file, name: a, path: new.jsonl, exists: replace}, "
                    "{type: file, name: b, path: b.jsonl}");
  fill(file("new.jsonl"), "mine\n");
  CHECK_THAT(refusal(now), Contains("already has content"));
  CHECK(content_of(file("new.jsonl")) == "mine\n");
  fs::remove(file("new.jsonl"));
  REQUIRE(relocated(now));
  fill(file("new.jsonl"), "mine\n");
  auto position = must(must(open_ledger(now.ledger))->position_of("a"));
  auto made = find_sink_type("file")->make({"id", "a"}, now.sinks[0].fields);
  CHECK_THAT(what_of(made->open(position)), Contains("already has content"));
  CHECK(content_of(file("new.jsonl")) == "mine\n");
}

TEST_CASE_METHOD(relocation_fixture,
                 "a lost file is given up only if the user says so") {
  begin(config(two), 3);
  auto now = config(two);
  CHECK_THAT(refusal(now, {"a"}), Contains("sink 'a' has lost nothing"));
  CHECK_THAT(refusal(now, {"c"}), Contains("there is no sink 'c'"));
  fill(file("a.jsonl"), "{}\n");
  CHECK_THAT(refusal(now, {}, ec::disk), Contains("relocate --lost a"));
  SECTION("a file in its place is not touched") {
    for (auto* rule : {"refuse", "replace"}) {
      auto ruled =
        config("{type: file, name: a, path: a.jsonl, exists: "
               + std::string{rule} + "}, {type: file, name: b, path: b.jsonl}");
      CHECK_THAT(refusal(ruled, {"a"}), Contains("already has content"));
    }
    CHECK(content_of(file("a.jsonl")) == "{}\n");
  }
  SECTION("a new file is started") {
    fs::remove(file("a.jsonl"));
    auto text = relocated(now, {"a"});
    REQUIRE(text);
    CHECK_THAT(*text, Contains("3 captures of checkpoint 1 are lost")
                        && Contains("not fetched again")
                        && Contains("the captures of its runs: run_1")
                        && Contains("b: is where it was"));
    check_goes_on(now);
    // Until a start has created the new file, any file there is foreign.
    fill(file("a.jsonl"), "mine\n");
    auto store = must(open_ledger(now.ledger));
    auto position = must(store->position_of("a"));
    auto made = find_sink_type("file")->make({"id", "a"}, now.sinks[0].fields);
    CHECK_THAT(what_of(made->open(position)), Contains("already has content"));
    CHECK(content_of(file("a.jsonl")) == "mine\n");
    fs::remove(file("a.jsonl"));
    auto next = find_sink_type("file")->make({"id", "a"}, now.sinks[0].fields);
    must(next->open(position));
    must(next->write(page_of(2, {"{}"})));
    auto end = must(next->checkpoint());
    CHECK_THAT(end, Contains("given_up=3") && Contains("length=3"));
    CHECK(find_sink_type("file")->given_up(end) == 3);
  }
}

TEST_CASE_METHOD(relocation_fixture,
                 "a sink may have another name if there is only one match") {
  begin(config(two), 3);
  SECTION("one") {
    auto now = config("{type: file, name: a, path: a.jsonl}, "
                      "{type: file, name: new, path: b.jsonl}");
    auto text = relocated(now);
    REQUIRE(text);
    CHECK_THAT(*text, Contains("new: was 'b'; is where it was"));
    check_goes_on(now);
    CHECK_FALSE(must(must(open_ledger(now.ledger))->position_of("b")));
  }
  SECTION("both, in their old places") {
    auto now = config("{type: file, name: d, path: b.jsonl}, "
                      "{type: file, name: c, path: a.jsonl}");
    CHECK_THAT(*relocated(now),
               Contains("d: was 'b'") && Contains("c: was 'a'"));
    check_goes_on(now);
  }
  SECTION("both, in new places") {
    CHECK_THAT(refusal(config("{type: file, name: c, path: c.jsonl}, "
                              "{type: file, name: d, path: d.jsonl}")),
               Contains("cannot tell which sink"));
  }
}

TEST_CASE_METHOD(relocation_fixture,
                 "relocate refuses changes that would make this another job") {
  begin(config(two), 3);
  SECTION("one sink fewer") {
    CHECK_THAT(refusal(config("{type: file, name: a, path: a.jsonl}")),
               Contains("has a sink 'b' that the config does not have"));
  }
  SECTION("one more sink") {
    CHECK_THAT(refusal(config(two + std::string{", {type: 'null', name: c}"})),
               Contains("cannot be added"));
  }
  SECTION("another form") {
    CHECK_THAT(refusal(config("{type: file, name: a, path: a.jsonl}, {type: "
                              "file, name: b, path: b.jsonl, compression: "
                              "gzip}")),
               Contains("in a different form"));
  }
  SECTION("another robot") {
    auto now = config(two);
    now.runs.robots.fallback = "rbt_2";
    CHECK_THAT(refusal(now), Contains("runs.robot was '*=rbt_1'")
                               && Contains("is a different job"));
  }
}

TEST_CASE_METHOD(relocation_fixture,
                 "an API at another address must know an open run") {
  begin(config(two), 3);
  auto now = config(two, "http://127.0.0.1:9");
  now.api.requests_per_minute = 0;
  auto refused = relocated(now);
  REQUIRE_FALSE(refused);
  CHECK_THAT(what_of(refused.error()),
             Contains("cannot ask the API whether run run_1 exists"));
}

TEST_CASE_METHOD(relocation_fixture,
                 "submits that may have been paid for are not "
                 "repeated at another API") {
  auto was = config(two);
  {
    auto store = must(open_ledger(was.ledger));
    must(store->bind(identity_of(was, sink_specs())));
    must(store->begin_import());
    must(store->add_batch(
      "rbt_1", ledger_fixture::views(ledger_fixture::urls_of(0, 4))));
    must(store->finish_import({4, 0, 0, 4, 1}));
    must(store->begin_submit(must(store->next_planned())->key, {"worker", 0},
                             submit_ticket{}));
  }
  auto text = relocated(config(two, "http://127.0.0.1:9"));
  REQUIRE(text);
  CHECK_THAT(*text, Contains("holds 1 submit without a reply")
                      && Contains("to the old address"));
  CHECK(must(must(open_ledger(was.ledger))->report()).held == 4);
}

TEST_CASE_METHOD(
  relocation_fixture,
  "a webhook may have another address and keeps its dead letter file") {
  auto hook = [](const std::string& rest) {
    return "{type: webhook, name: a, url: 'https://" + rest + "}";
  };
  begin(config(hook("one.example', dead_letter: dead.jsonl")), 3);
  auto text =
    relocated(config(hook("two.example/t0ken', dead_letter: dead.jsonl")));
  REQUIRE(text);
  CHECK_THAT(*text, Contains("a: continues with") && !Contains("t0ken"));
  CHECK_THAT(refusal(config(hook("two.example/t0ken'"))),
             Contains("had the dead letter file"));
}

TEST_CASE("the rows of a job stay in one table and its columns") {
  auto specs = sink_specs();
  job_files files;
  auto bound = [&](const std::string& sink) {
    return identity_of(files.config(sink), specs);
  };
  auto moves = [&](const std::string& from, const std::string& to) {
    auto result = relocation_between(bound(from), bound(to), specs);
    if (!result)
      CHECK_THAT(what_of(result.error()), Contains("in a different form"));
    return result && result->sinks[0].moved;
  };
  std::string lite = "{type: sqlite, name: a, path: ";
  CHECK(moves(lite + "a.db}", lite + "b.db}"));
  CHECK_FALSE(moves(lite + "a.db}", lite + "a.db, table: other}"));
  CHECK_FALSE(moves(lite + "a.db}", lite + "a.db, capture: {name: other}}"));
  std::string post = "{type: postgres, name: a, dsn: 'host=a', table: t, "
                     "columns: [{name: x, from: /x}, {name: y, from: /y}], "
                     "mode: upsert, key: ";
  CHECK(bound(post + "[x, y]}") == bound(post + "[x, y]}"));
  CHECK_FALSE(moves(post + "[x, y]}", post + "[y, x]}"));
  CHECK_FALSE(moves(post + "[x, y]}", post + "[x]}"));
  CHECK_FALSE(moves(post + "[x]}", post + "[x], capture: {name: other}}"));
  std::string plain = "{type: postgres, name: a, dsn: 'host=a', table: ";
  CHECK_FALSE(moves(plain + "t}", plain + "u}"));
}

TEST_CASE(
  "paths and names do not affect a sink's form, regardless of their content") {
  auto specs = sink_specs();
  CHECK(form_of("type=file path=/a compression=none", specs)
        == "type=file compression=none");
  CHECK(form_of("type=file path=/a compression=b compression=gzip", specs)
        == "type=file compression=gzip");
  CHECK(form_of("type=file path=/type=x path=y compression=none", specs)
          .ends_with(" compression=none"));
  CHECK(form_of("type=webhook url=#0123", specs) == "type=webhook");
  CHECK(form_of("type=sqlite path=/a table=#1 columns=#2 capture.name=#3 "
                "capture.type=blob",
                specs)
        == "type=sqlite table=#1 columns=#2 capture.name=#3 "
           "capture.type=blob");
  CHECK(form_of("type=sqlite path=/a columns=b table=#1 capture.name=#3 "
                "capture.type=blob",
                specs)
        == "type=sqlite table=#1 capture.name=#3 capture.type=blob");
  CHECK(form_of("type=sqlite path=/a table=#0 table=#1 capture.name=#3 "
                "capture.type=blob",
                specs)
        == "type=sqlite table=#1 capture.name=#3 capture.type=blob");
  CHECK(form_of("type=postgres table=#1 capture.name=#2 capture.type=json "
                "mode=upsert key=#3",
                specs)
        == "type=postgres table=#1 capture.name=#2 capture.type=json "
           "mode=upsert key=#3");
  CHECK(form_of("type=stdout", specs) == "type=stdout");
  CHECK(form_of("type=unknown path=/a", specs) == "type=unknown path=/a");
}
