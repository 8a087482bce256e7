#include "core/input/glob.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("a pattern expands to its sorted matches") {
  list_folder folder;
  auto b = folder.write("b.txt", "");
  auto a = folder.write("a.txt", "");
  auto upper = folder.write("Z.txt", "");
  auto csv = folder.write("a.csv", "");
  auto lists = expand_lists({csv, folder.path() / "*.txt", "-"});
  REQUIRE(lists);
  CHECK(*lists == std::vector<std::string>{csv, upper, a, b, "-"});
}

TEST_CASE("a pattern without a match is named") {
  list_folder folder;
  auto lists = expand_lists({folder.path() / "*.txt"});
  REQUIRE_FALSE(lists);
  CHECK(code_of(lists.error()) == ec::input);
  CHECK(what_of(lists.error()).find((folder.path() / "*.txt").string())
        != std::string::npos);
}

TEST_CASE("all errors in the names are reported at once") {
  list_folder folder;
  auto lists = expand_lists({folder.path() / "*.csv", folder.write("a.txt", ""),
                             folder.path() / "none.txt"});
  REQUIRE_FALSE(lists);
  auto what = what_of(lists.error());
  CHECK(what.find("*.csv matches no file; ") != std::string::npos);
  CHECK(what.find("none.txt; correct this") != std::string::npos);
  CHECK(what.find("a.txt") == std::string::npos);
}

TEST_CASE("a name that looks like a pattern refers to that file if it exists") {
  list_folder folder;
  auto odd = folder.write("urls[1].txt", "");
  folder.write("urls1.txt", "");
  auto lists = expand_lists({odd});
  REQUIRE(lists);
  CHECK(*lists == std::vector<std::string>{odd});
}

TEST_CASE("standard input is read only once") {
  CHECK(expand_lists({"-"}));
  CHECK_FALSE(expand_lists({"-", "-"}));
}
