#include "core/base/units.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("durations are a whole number and a unit", "[units]") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("10s") == 10s);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("24h") == 24h);
  CHECK(parse_duration("0s") == 0s);
  for (auto text : {"", "10", "s", "-1s", "+1s", "1.5h", "1 s", " 1s", "1s ",
                    "1S", "1d", "1min", "99999999999999999999s", "240001h"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("sizes are bytes without a unit or with a binary unit", "[units]") {
  CHECK(parse_size("0") == 0u);
  CHECK(parse_size("4096") == 4096u);
  CHECK(parse_size("64KiB") == 65'536u);
  CHECK(parse_size("1MiB") == 1'048'576u);
  CHECK(parse_size("2GiB") == 2'147'483'648u);
  for (auto text : {"", "KiB", "-1", "1.5MiB", "1 MiB", "1MB", "1mib", "1B",
                    "1073741825GiB", "18446744073709551616"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("a value that is written reads back the same", "[units]") {
  for (auto time : {0ms, 1ms, 999ms, 1000ms, 90'000ms, 3'600'000ms, 1h + 1ms}) {
    INFO(duration_text(time));
    CHECK(parse_duration(duration_text(time)) == time);
  }
  for (uint64_t bytes : {0ull, 1ull, 1024ull, 1536ull, 1ull << 30}) {
    INFO(size_text(bytes));
    CHECK(parse_size(size_text(bytes)) == bytes);
  }
  CHECK(duration_text(90s) == "90s");
  CHECK(duration_text(120s) == "2m");
  CHECK(size_text(65'536) == "64KiB");
  CHECK(size_text(1000) == "1000");
}

TEST_CASE("a duration for people has at most two units", "[units]") {
  using row = std::pair<std::chrono::nanoseconds, std::string>;
  for (auto& [time, text] : std::vector<row>{{-1s, "0 ms"},
                                             {850ms, "850 ms"},
                                             {999'600us, "1.0 s"},
                                             {12'340ms, "12.3 s"},
                                             {59'949ms, "59.9 s"},
                                             {59'960ms, "1 min 00 s"},
                                             {245s, "4 min 05 s"},
                                             {3'599'600ms, "1 h 00 min"},
                                             {65min, "1 h 05 min"},
                                             {51h, "2 d 03 h"}})
    CHECK(human_duration(time) == text);
}

TEST_CASE("sizes for people have one decimal and counts have separators",
          "[units]") {
  CHECK(human_size(0) == "0 B");
  CHECK(human_size(1023) == "1023 B");
  CHECK(human_size(1'468'006) == "1.4 MiB");
  CHECK(human_size(1'048'575) == "1.0 MiB");
  CHECK(human_count(0) == "0");
  CHECK(human_count(999) == "999");
  CHECK(human_count(1000) == "1,000");
  CHECK(human_count(10'000'000) == "10,000,000");
}
