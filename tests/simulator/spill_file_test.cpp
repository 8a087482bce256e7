#include "simulator/spill_file.hpp"

#include <catch2/catch.hpp>

#include <system_error>

using namespace sluice::sim;

TEST_CASE("text comes back from the file as it was") {
  spill_file file;
  std::string large(100'000, 'x');
  CHECK(file.append("one\ntwo\n") == 0U);
  CHECK(file.append("") == 8U);
  CHECK(file.append(large) == 8U);
  CHECK(file.append("end") == 100'008U);
  CHECK(file.read(0, 8) == "one\ntwo\n");
  CHECK(file.read(8, 0).empty());
  CHECK(file.read(8, large.size()) == large);
  CHECK(file.read(100'008, 3) == "end");
}

TEST_CASE("text that the file does not have is an error") {
  spill_file file;
  REQUIRE(file.append("short"));
  CHECK_THROWS_AS((void)file.read(0, 6), std::system_error);
}
