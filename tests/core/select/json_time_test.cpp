#include "core/select/json_time.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sluice;

namespace {

std::string of_text(std::string_view text) {
  std::string scratch;
  return std::string{time_of_text(text, scratch)};
}

std::string of_number(std::string_view number, time_unit unit) {
  std::string scratch;
  return std::string{time_of_number(number, unit, scratch)};
}

std::string seconds(std::string_view number) {
  return of_number(number, time_unit::seconds);
}

std::string millis(std::string_view number) {
  return of_number(number, time_unit::milliseconds);
}

} // namespace

TEST_CASE("a time in RFC 3339 is its own text") {
  for (std::string time :
       {"2026-11-30T06:01:07Z", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999-23:59", "2024-02-29T23:59:59+05:30",
        "2000-02-29T00:00:00-00:00", "2026-11-30T06:01:07.1Z",
        "2016-12-31T23:59:60Z", "2017-01-01T05:29:60+05:30",
        "2016-12-31T15:59:60.5-08:00"})
    CHECK(of_text(time) == time);
}

TEST_CASE("the letters of a time become capitals") {
  CHECK(of_text("2026-11-30t06:01:07Z") == "2026-11-30T06:01:07Z");
  CHECK(of_text("2026-11-30T06:01:07.5z") == "2026-11-30T06:01:07.5Z");
}

TEST_CASE("what is almost a time in RFC 3339 is none") {
  for (auto text : {"",
                    "2026",
                    "2026-11-30",
                    "2026-11-30T06:01:07",
                    "2026-11-30T06:01Z",
                    "2026-11-30 06:01:07Z",
                    "2026-11-30T06:01:07 Z",
                    " 2026-11-30T06:01:07Z",
                    "2026-11-30T06:01:07Z ",
                    "2026-11-30T24:00:00Z",
                    "2026-11-30T06:60:00Z",
                    "2026-11-30T06:01:61Z",
                    "2026-11-30T06:01:60Z",
                    "2016-12-31T23:59:60+01:00",
                    "2026-11-31T06:01:07Z",
                    "2026-02-29T06:01:07Z",
                    "1900-02-29T00:00:00Z",
                    "2026-13-01T00:00:00Z",
                    "2026-00-01T00:00:00Z",
                    "2026-01-00T00:00:00Z",
                    "0000-01-01T00:00:00Z",
                    "2026-11-30T06:01:07.Z",
                    "2026-11-30T06:01:07.1234567890Z",
                    "2026-11-30T06:01:07,5Z",
                    "2026-11-30T06:01:07+0100",
                    "2026-11-30T06:01:07+01",
                    "2026-11-30T06:01:07+24:00",
                    "2026-11-30T06:01:07+01:60",
                    "26-11-30T06:01:07Z",
                    "12026-11-30T06:01:07Z",
                    "-2026-11-30T06:01:07Z",
                    "2026-1-30T06:01:07Z",
                    "2026-11-3T06:01:07Z",
                    "2026/11/30T06:01:07Z",
                    "2026-11-30T6:01:07Z",
                    "20261130T060107Z"}) {
    CAPTURE(text);
    CHECK(of_text(text).empty());
  }
}

TEST_CASE("a number becomes a time in UTC") {
  CHECK(seconds("0") == "1970-01-01T00:00:00Z");
  CHECK(seconds("-0.0") == "1970-01-01T00:00:00Z");
  CHECK(seconds("951782400") == "2000-02-29T00:00:00Z");
  CHECK(seconds("1764482467") == "2025-11-30T06:01:07Z");
  CHECK(seconds("-1") == "1969-12-31T23:59:59Z");
  CHECK(millis("1764482467000") == "2025-11-30T06:01:07Z");
  CHECK(millis("1764482467120") == "2025-11-30T06:01:07.12Z");
  CHECK(millis("-1") == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a number's decimals are exact") {
  CHECK(seconds("1764482467.123456789") == "2025-11-30T06:01:07.123456789Z");
  CHECK(seconds("1764482467.1000000000000") == "2025-11-30T06:01:07.1Z");
  CHECK(seconds("0.000000001") == "1970-01-01T00:00:00.000000001Z");
  CHECK(seconds("-0.000000001") == "1969-12-31T23:59:59.999999999Z");
  CHECK(seconds("0.05") == "1970-01-01T00:00:00.05Z");
  CHECK(millis("0.000001") == "1970-01-01T00:00:00.000000001Z");
  CHECK(millis("1764482467123.456789") == "2025-11-30T06:01:07.123456789Z");
  CHECK(seconds("0.0000000001").empty());
  CHECK(seconds("1764482467.1234567891").empty());
  CHECK(millis("0.0000001").empty());
}

TEST_CASE("a number with an exponent becomes the same time") {
  CHECK(seconds("1.764482467e9") == "2025-11-30T06:01:07Z");
  CHECK(seconds("1764482467E+0") == "2025-11-30T06:01:07Z");
  CHECK(seconds("1764482467123e-3") == "2025-11-30T06:01:07.123Z");
  CHECK(millis("1.764482467123e+12") == "2025-11-30T06:01:07.123Z");
  CHECK(seconds("0.0001764482467e13") == "2025-11-30T06:01:07Z");
  CHECK(seconds("0e99999999999") == "1970-01-01T00:00:00Z");
}

TEST_CASE("a number beyond the years 0001 to 9999 is not a time") {
  CHECK(seconds("253402300799") == "9999-12-31T23:59:59Z");
  CHECK(millis("253402300799999") == "9999-12-31T23:59:59.999Z");
  CHECK(seconds("-62135596800") == "0001-01-01T00:00:00Z");
  for (auto number :
       {"253402300800", "-62135596801", "-62135596800.5", "999999999999",
        "1e12", "1e400", "-1e400", "1e2147483647", "1e99999999999999999999",
        "1e-400", "1e-2147483648", "1180591620717411303424"}) {
    CAPTURE(number);
    CHECK(seconds(number).empty());
  }
  CHECK(seconds("0." + std::string(1'000'000, '1')).empty());
  CHECK(seconds(std::string(1'000'000, '9')).empty());
}
