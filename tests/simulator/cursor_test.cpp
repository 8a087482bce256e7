#include "simulator/cursor.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;

namespace {

const chance dice{1};

cursor some_cursor() {
  return {{3, 120, 1, 7, 2}, true};
}

} // namespace

TEST_CASE("a cursor encodes where its listing continues") {
  auto text = write_cursor(some_cursor(), "run_1", dice);
  auto read = read_cursor(text, "run_1", dice);
  REQUIRE(read);
  CHECK(*read == some_cursor());
}

TEST_CASE("a cursor is valid only for its run") {
  auto text = write_cursor(some_cursor(), "run_1", dice);
  CHECK_FALSE(read_cursor(text, "run_2", dice));
  CHECK_FALSE(read_cursor(text, "run_1", chance{2}));
}

TEST_CASE("garbage is not accepted as a cursor") {
  auto text = GENERATE(as<std::string>{}, "", "x", "null", "1",
                       std::string(52, 'A'), std::string(52, '*'),
                       std::string(10'000, 'A'), std::string("\0\0", 2));
  CHECK_FALSE(read_cursor(text, "run_1", dice));
}

TEST_CASE("a cursor with a changed character is refused") {
  auto text = write_cursor(some_cursor(), "run_1", dice);
  for (size_t i = 0; i < text.size() - 4; ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'Q' ? 'R' : 'Q';
    REQUIRE_FALSE(read_cursor(changed, "run_1", dice));
  }
  CHECK_FALSE(read_cursor(text.substr(0, text.size() - 1), "run_1", dice));
}
