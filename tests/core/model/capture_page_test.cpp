#include "core/model/capture_page.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("a capture is written on one line with its other bytes unchanged") {
  struct row {
    std::string in, out;
  };
  auto rows = {
    row{"", ""},
    row{R"({"a": 12.340, "b":"x\ny"})", R"({"a": 12.340, "b":"x\ny"})"},
    row{"{\n  \"a\": 1,\r\n  \"b\": 2\n}", "{  \"a\": 1,  \"b\": 2}"},
    row{"[1,\r2]", "[1,2]"},
    row{"\n{}\n", "{}"},
  };
  for (const auto& [in, out] : rows) {
    std::string line = "before ";
    append_capture(line, in);
    CHECK(line == "before " + out);
  }
}
