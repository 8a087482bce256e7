// The loader with a sink and a state that a crash treats as a disk would: what
// is not durable may be gone.

#include "pipeline/load/loader.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <fstream>
#include <random>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct crash {};

constexpr std::chrono::system_clock::time_point wall_time{1'800'000'000s};

/// What outlasts a crash, and when the next one comes.
struct world {
  std::vector<std::string> captures; ///< in the sink
  size_t durable = 0;                ///< of them
  std::optional<load_state> saved;
  int steps_left = -1; ///< until a crash; negative: none
  int steps = 0;
  bool loses_all = false; ///< a crash loses what is not durable
  std::vector<std::string> calls;
  std::deque<caf::error> failures;      ///< of the next calls to the sink
  std::deque<caf::error> open_failures; ///< of the next objects
  time_point now;

  void step(std::string call = {}) {
    ++steps;
    if (!call.empty())
      calls.push_back(std::move(call));
    if (steps_left-- == 0)
      throw crash{};
  }

  static caf::error taken_from(std::deque<caf::error>& some) {
    if (some.empty())
      return {};
    auto err = some.front();
    some.pop_front();
    return err;
  }

  caf::error next_failure() { return taken_from(failures); }
  caf::error next_open_failure() { return taken_from(open_failures); }

  void lose() {
    if (loses_all)
      captures.resize(durable);
  }
};

/// Like a file: the position is a length, and `open` cuts back to it.
class fake_sink final : public sink {
public:
  /// `last` is the number of the page before the next one.
  fake_sink(world& in, uint64_t last) : world_{in}, last_{last} {}

  caf::error open(const std::optional<sink_position>& committed) override {
    CHECK_FALSE(std::exchange(opened_, true));
    world_.step("open " + committed.value_or("-"));
    if (auto err = world_.next_open_failure())
      return err;
    auto kept = committed ? std::stoul(*committed) : 0;
    if (!committed && !world_.captures.empty())
      return make_error(ec::usage, "already has content");
    if (world_.captures.size() < kept)
      return make_error(ec::disk, "captures are lost");
    world_.captures.resize(kept);
    world_.durable = std::min(world_.durable, kept);
    world_.step();
    return {};
  }

  caf::error write(const capture_page& page) override {
    world_.step("write " + std::to_string(page.delivery));
    if (auto err = world_.next_failure())
      return err;
    CHECK(page.delivery == last_ + 1);
    CHECK(page.batch == 0);
    CHECK(page.run_id.empty());
    CHECK(page.delivered_at == wall_time);
    for (auto& span : page.captures) {
      world_.captures.emplace_back(page.bytes(span));
      world_.step();
    }
    last_ = page.delivery;
    return {};
  }

  caf::expected<sink_position> checkpoint() override {
    world_.step("checkpoint");
    if (auto err = world_.next_failure())
      return err;
    world_.durable = world_.captures.size();
    world_.step();
    return std::to_string(world_.durable);
  }

  caf::error close() override {
    world_.calls.emplace_back("close");
    return {};
  }

  uint64_t dead_letters() const override { return 2; }

private:
  world& world_;
  uint64_t last_;
  bool opened_ = false;
};

struct loader_fixture {
  temp_folder folder;
  world it;
  std::vector<std::string> paths;
  std::vector<std::string> expected;
  std::vector<duration> pauses;
  duration tick = 400ms;
  int questions_until_stop = -1; ///< negative: no stop

  loader_fixture() {
    add("a", 11);
    add("b", 0);
    add("c", 7);
  }

  /// A file of numbered captures.
  void add(const std::string& name, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      expected.push_back("\"" + name + std::to_string(i) + "\"");
      text += expected.back() + "\n";
    }
    fill(folder / name, text);
    paths.push_back(folder / name);
  }

  void append(const std::string& name, const std::string& text) const {
    std::ofstream{folder / name, std::ios::app} << text;
  }

  /// As the command does: the known files, then the new ones.
  [[nodiscard]] load_state state() const {
    auto state =
      it.saved.value_or(load_state{"an id", {{"sinks.pg", "type=fake"}}});
    for (auto i = state.files.size(); i < paths.size(); ++i)
      state.files.push_back({.path = paths[i]});
    return state;
  }

  [[nodiscard]] bool may_go_on() {
    if (questions_until_stop > 0)
      --questions_until_stop;
    return questions_until_stop != 0;
  }

  [[nodiscard]] load_ports ports() {
    return {[this] { return it.now += tick; },
            [] { return wall_time; },
            [this](duration pause) { pauses.push_back(pause); },
            [this] { return may_go_on(); },
            [this](const load_state& state) {
              it.step("save " + state.position.value_or("-"));
              it.saved = state;
              it.step();
              return caf::error{};
            },
            [](const load_counts&) {}};
  }

  struct outcome {
    caf::error err;
    load_counts counts;
    bool was_done = false;
  };

  /// One start. Throws `crash`.
  outcome start() {
    auto last = it.saved ? it.saved->delivery : 0;
    auto make = [this, last] { return std::make_unique<fake_sink>(it, last); };
    load_options options{
      "pg",
      {.captures = 2, .bytes = 1'000, .longest = 1'000, .blanks = 100'000}};
    loader work{make, state(), std::move(options), ports()};
    auto err = work.run();
    return {err, work.counts(), work.was_done()};
  }

  /// Starts that crash after as many steps as given, then one that does not.
  outcome crash_then_finish(const std::vector<int>& crashes) {
    for (auto steps : crashes) {
      it.steps_left = steps;
      try {
        return start();
      } catch (const crash&) {
        it.lose();
      }
    }
    it.steps_left = -1;
    return start();
  }
};

} // namespace

TEST_CASE_METHOD(loader_fixture,
                 "all captures of all files are loaded, in order") {
  auto ended = start();
  CHECK_FALSE(ended.err);
  CHECK(it.captures == expected);
  CHECK(it.durable == expected.size());
  CHECK(it.calls.back() == "close");
  CHECK(ended.counts.files == 3);
  CHECK(ended.counts.files_read == 3);
  CHECK(ended.counts.captures == 18);
  CHECK(ended.counts.dead_letters == 2);
  CHECK(it.saved->delivery == 10);
  CHECK(it.saved->files[0].captures == 11);
  CHECK(it.saved->files[0].offset == std::filesystem::file_size(paths[0]));
}

TEST_CASE_METHOD(loader_fixture,
                 "the first position is saved before a page is "
                 "written, and the load's id before the sink opens") {
  it.steps_left = 9;
  CHECK_THROWS_AS(start(), crash);
  CHECK(it.calls
        == std::vector<std::string>{"save -", "open -", "checkpoint", "save 0",
                                    "write 1"});
  CHECK(it.saved->id == "an id");
  // At a later start, the sink may have marked in its target that it is open.
  it.calls.clear();
  it.steps_left = 7;
  CHECK_THROWS_AS(start(), crash);
  CHECK(
    it.calls
    == std::vector<std::string>{"open 0", "checkpoint", "save 0", "write 1"});
}

TEST_CASE_METHOD(loader_fixture,
                 "a state is saved after the sink's checkpoint and only then") {
  tick = 2s; // a checkpoint after each page
  CHECK_FALSE(start().err);
  auto& calls = it.calls;
  size_t saves = 0;
  for (size_t i = 2; i < calls.size(); ++i)
    if (calls[i].starts_with("save ")) {
      ++saves;
      CHECK(calls[i - 1] == "checkpoint");
    }
  CHECK(saves >= 10);
}

TEST_CASE_METHOD(loader_fixture, "checkpoints share the pages of a second") {
  tick = 1ms;
  CHECK_FALSE(start().err);
  CHECK(std::count(it.calls.begin(), it.calls.end(), "checkpoint") == 2);
}

TEST_CASE("each capture is loaded exactly once, wherever a load is killed") {
  auto loses_all = GENERATE(false, true);
  auto tick = GENERATE(50ms, 400ms, 2'000ms);
  auto steps = [&] {
    loader_fixture whole;
    whole.tick = tick;
    CHECK_FALSE(whole.start().err);
    return whole.it.steps;
  }();
  CHECK(steps > 40);
  for (int at = 0; at < steps; ++at) {
    INFO(at);
    loader_fixture killed;
    killed.tick = tick;
    killed.it.loses_all = loses_all;
    auto ended = killed.crash_then_finish({at});
    INFO(what_of(ended.err));
    CHECK_FALSE(ended.err);
    CHECK(killed.it.captures == killed.expected);
    CHECK(killed.it.saved->id == "an id");
  }
}

TEST_CASE("each capture is loaded exactly once after many kills and while the "
          "files grow") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO(seed);
    std::minstd_rand draw{seed};
    loader_fixture killed;
    killed.it.loses_all = draw() % 2 == 0;
    killed.tick = std::chrono::milliseconds{draw() % 1'500};
    for (int round = 0; round < 6; ++round) {
      std::vector<int> crashes;
      for (auto i = draw() % 4; i > 0; --i)
        crashes.push_back(static_cast<int>(draw() % 60));
      REQUIRE_FALSE(killed.crash_then_finish(crashes).err);
      CHECK(killed.it.captures == killed.expected);
      if (draw() % 2 == 0) {
        killed.expected.push_back("\"more" + std::to_string(round) + "\"");
        killed.append("b", killed.expected.back() + "\n");
      } else {
        killed.add("new" + std::to_string(round), draw() % 9);
      }
    }
  }
}

TEST_CASE_METHOD(loader_fixture,
                 "a load that is done does not touch the sink again") {
  CHECK_FALSE(start().err);
  it.calls.clear();
  auto again = start();
  CHECK_FALSE(again.err);
  CHECK(again.was_done);
  CHECK(again.counts.captures == 18);
  CHECK(again.counts.dead_letters == 2);
  CHECK(std::count(it.calls.begin(), it.calls.end(), "open 18") == 0);
  SECTION("until a file has more") {
    append("a", "\"more\"\n");
    auto more = start();
    CHECK_FALSE(more.was_done);
    CHECK(it.captures.back() == "\"more\"");
    CHECK(it.captures.size() == 19);
  }
  SECTION("even if its files are gone") {
    for (auto& path : paths)
      std::filesystem::remove(path);
    auto more = start();
    CHECK_FALSE(more.err);
    CHECK(more.was_done);
  }
}

TEST_CASE_METHOD(loader_fixture,
                 "a file that has changed is refused before the sink "
                 "or the state is touched") {
  CHECK_FALSE(start().err);
  auto before = it.saved;
  it.calls.clear();
  append("a", "\"more\"\n");
  auto text = content_of(paths[2]);
  text[3] = 'X';
  fill(paths[2], text);
  auto refused = start();
  CHECK(code_of(refused.err) == ec::disk);
  CHECK_THAT(what_of(refused.err), Catch::Contains(paths[2]));
  CHECK(it.calls.empty());
  CHECK(it.saved == before);
}

TEST_CASE_METHOD(loader_fixture,
                 "a file that is missing is refused before the sink is "
                 "touched") {
  std::filesystem::remove(paths[2]);
  auto refused = start();
  CHECK(code_of(refused.err) == ec::input);
  CHECK(it.calls.empty());
  CHECK_FALSE(it.saved);
}

TEST_CASE_METHOD(loader_fixture,
                 "a bad line ends the load after the captures before it "
                 "and before any other file") {
  append("a", "\"last\"\nbad\n\"later\"\n");
  auto ended = start();
  CHECK(code_of(ended.err) == ec::input);
  CHECK_THAT(what_of(ended.err), Catch::StartsWith(paths[0] + ":13: "));
  auto good = expected;
  good.resize(11);
  good.emplace_back("\"last\"");
  CHECK(it.captures == good);
  CHECK(it.durable == 12);
  CHECK(it.calls.back() == "close");
  CHECK(ended.counts.captures == 12);
  SECTION("and goes on once it is corrected") {
    fill(paths[0], content_of(paths[0]).replace(
                     content_of(paths[0]).find("bad"), 3, "1"));
    CHECK_FALSE(start().err);
    CHECK(it.captures.size() == expected.size() + 3);
    CHECK(it.captures[12] == "1");
  }
}

TEST_CASE_METHOD(loader_fixture,
                 "a stop ends the load at a page with all of it "
                 "committed") {
  questions_until_stop = 5; // one for each page
  auto ended = start();
  CHECK(code_of(ended.err) == ec::interrupted);
  CHECK(it.captures.size() < expected.size());
  CHECK(it.captures.size() > 2);
  CHECK(it.durable == it.captures.size());
  CHECK(it.saved->position == std::to_string(it.durable));
  questions_until_stop = -1;
  CHECK_FALSE(start().err);
  CHECK(it.captures == expected);
}

TEST_CASE_METHOD(loader_fixture,
                 "a stop and a checkpoint find their way between blank lines") {
  tick = 2s;
  append("c", std::string(1'000'000, '\n') + "\"last\"\n");
  expected.emplace_back("\"last\"");
  questions_until_stop = 18;
  auto ended = start();
  CHECK(code_of(ended.err) == ec::interrupted);
  auto passed = it.saved->files[2].offset;
  CHECK(passed > 300'000);
  CHECK(passed < 1'000'000);
  questions_until_stop = -1;
  CHECK_FALSE(start().err);
  CHECK(it.captures == expected);
}

TEST_CASE_METHOD(loader_fixture,
                 "a sink that is down gets the same page again after "
                 "growing pauses") {
  it.failures = {caf::error{}, caf::error{},
                 make_error(ec::unavailable, "down"),
                 make_error(ec::unavailable, "down", 90s)};
  CHECK_FALSE(start().err);
  CHECK(it.captures == expected);
  REQUIRE(pauses.size() == 2);
  CHECK(pauses[0] >= 500ms);
  CHECK(pauses[1] >= 90s);
}

TEST_CASE_METHOD(loader_fixture,
                 "a sink that cannot be opened is made again after a pause "
                 "until it can") {
  auto down = make_error(ec::unavailable, "the receiver is away");
  it.open_failures = {down, down};
  SECTION("and then gets every capture") {
    CHECK_FALSE(start().err);
    CHECK(it.captures == expected);
    CHECK(pauses.size() == 2);
    CHECK(it.calls[1] == "open -");
    CHECK(it.calls[2] == "close");
    CHECK(it.calls[3] == "open -");
  }
  SECTION("unless the user asks to stop") {
    questions_until_stop = 1;
    auto ended = start();
    CHECK(code_of(ended.err) == ec::interrupted);
    CHECK_THAT(what_of(ended.err), Catch::Contains("the receiver is away"));
    CHECK(it.captures.empty());
  }
  SECTION("or it fails for another reason") {
    it.open_failures = {down, make_error(ec::disk, "is gone")};
    CHECK(code_of(start().err) == ec::disk);
    CHECK(it.calls.back() == "close");
  }
}

TEST_CASE_METHOD(loader_fixture,
                 "a stop while the sink is down commits no part of the page") {
  it.failures = {caf::error{}, caf::error{},
                 make_error(ec::unavailable, "the receiver is away")};
  questions_until_stop = 4; // for two pages, then around the pause
  auto ended = start();
  CHECK(code_of(ended.err) == ec::interrupted);
  CHECK_THAT(what_of(ended.err), Catch::Contains("the receiver is away"));
  CHECK(it.calls[it.calls.size() - 2] == "write 2");
  CHECK(it.calls.back() == "close");
  questions_until_stop = -1;
  CHECK_FALSE(start().err);
  CHECK(it.captures == expected);
}

TEST_CASE_METHOD(loader_fixture,
                 "an error of the sink ends the load without another "
                 "checkpoint") {
  it.failures = {caf::error{}, caf::error{}, make_error(ec::refused, "no")};
  auto ended = start();
  CHECK(code_of(ended.err) == ec::refused);
  CHECK(it.calls[it.calls.size() - 2] == "write 2");
  CHECK(ended.counts.captures == 0);
  CHECK_FALSE(start().err);
  CHECK(it.captures == expected);
}
