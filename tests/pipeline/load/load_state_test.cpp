#include "pipeline/load/load_state.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

load_state some_state() {
  load_state state;
  state.id = "0123456789abcdef";
  state.binding = {{"sinks.a b", "type=file path=/data/with blanks and\nlines"},
                   {"sinks.a b.dead_letter", ""}};
  state.position = "v1 base=0 length=12";
  state.delivery = 17;
  state.dead_letters = 3;
  state.files = {
    {"/data/a", 100, 5, std::string("\0\n =%\xff", 6), file_stamp{120, 1'234}},
    {"/data/b\xff \n%", 7, 1, "h", file_stamp{7, std::nullopt}},
    {.path = "/data/c"}};
  return state;
}

caf::error refusal(std::string_view text) {
  auto read = read_load_state(text, "/j/job.sluice.load-pg");
  return read ? caf::error{} : read.error();
}

} // namespace

TEST_CASE("a load's state is read as it was written") {
  auto state = some_state();
  auto read = read_load_state(load_state_text(state), "f");
  REQUIRE(read);
  CHECK(*read == state);
  state.position.reset();
  CHECK(*read_load_state(load_state_text(state), "f") == state);
  state.position.emplace();
  CHECK(*read_load_state(load_state_text(state), "f") == state);
  CHECK(*read_load_state(load_state_text({}), "f") == load_state{});
}

TEST_CASE("a load's state that is torn or has a changed byte is refused") {
  auto text = load_state_text(some_state());
  for (size_t size = 0; size < text.size(); ++size) {
    INFO(size);
    CHECK(code_of(refusal(text.substr(0, size))) == ec::ledger_unusable);
  }
  CHECK(code_of(refusal(text + "\n")) == ec::ledger_unusable);
  for (size_t at = 0; at < text.size(); ++at) {
    auto changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    INFO(at);
    CHECK(code_of(refusal(changed)) == ec::ledger_unusable);
  }
}

TEST_CASE("a load's state of a newer version is refused by name") {
  auto text = load_state_text(some_state());
  auto newer = "sluice load 2" + text.substr(text.find('\n'));
  CHECK(code_of(refusal(newer)) == ec::ledger_unusable);
  CHECK_THAT(what_of(refusal(newer)),
             Catch::Contains("'/j/job.sluice.load-pg'")
               && Catch::Contains("a newer sluice (format 2)"));
}

TEST_CASE("another file in the place of a load's state is refused") {
  for (auto* text : {"", "{}\n", "sluice-bucket-2 x\n", "sluice load"})
    CHECK_THAT(what_of(refusal(text)), Catch::Contains("another program"));
  for (auto* text : {"sluice load \n", "sluice load x\n", "sluice load 0\n",
                     "sluice load 1\n", "sluice load 1\n\n"})
    CHECK_THAT(what_of(refusal(text)), Catch::Contains("is damaged"));
}
