#include "config/number_pattern.hpp"

#include <catch2/catch.hpp>

#include <regex>

using namespace sluice;

TEST_CASE("a pattern matches exactly the numbers within its bounds",
          "[config]") {
  auto least = GENERATE(0, 1, 7, 10, 99, 100, 123, 380);
  auto most = GENERATE(0, 1, 9, 10, 99, 100, 256, 999, 1000, 1234);
  if (least > most)
    return;
  auto pattern = config::number_pattern(least, most);
  INFO(pattern);
  std::regex compiled{pattern};
  for (auto number = 0; number <= 1300; ++number) {
    auto text = std::to_string(number);
    INFO(text);
    CHECK(std::regex_match(text, compiled)
          == (number >= least && number <= most));
    CHECK(std::regex_match("00" + text, compiled)
          == (number >= least && number <= most));
  }
  for (auto* text : {"", "-1", "+1", "1.0", " 1", "1e1", "99999999999999"})
    CHECK_FALSE(std::regex_match(text, compiled));
}
