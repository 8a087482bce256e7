#include "core/http/http_date.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

constexpr int64_t in_1994 = 784'111'777; ///< Sun, 06 Nov 1994 08:49:37 GMT
constexpr int64_t year_2026 = 1'767'225'600;

/// A reply that arrived at `at`, in seconds since the epoch.
http_reply came(int64_t at, const std::string& date = {}) {
  http_reply reply;
  reply.received =
    std::chrono::system_clock::time_point{std::chrono::seconds{at}};
  if (!date.empty())
    reply.headers["date"] = date;
  return reply;
}

} // namespace

TEST_CASE("all three forms of a date are read") {
  for (auto text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"})
    CHECK(read_http_date(text, in_1994) == in_1994);
  for (auto text :
       {"", "today", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
        "06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT+1", "Sun, 06 Nov 1994 08:49:37 GMT$",
        "Sun Nov  6 08:49:37", "1994-11-06T08:49:37Z"})
    CHECK_FALSE(read_http_date(text, in_1994));
}

TEST_CASE("a two-digit year is at most fifty years in the future") {
  auto year = [](const std::string& digits, int64_t now) {
    auto at = read_http_date("Sunday, 06-Nov-" + digits + " 08:49:37 GMT", now);
    return 1970 + at.value_or(0) / 31'556'952;
  };
  CHECK(year("94", in_1994) == 1994);
  CHECK(year("26", year_2026) == 2026);
  CHECK(year("75", year_2026) == 2075);
  CHECK(year("77", year_2026) == 1977);
  CHECK(year("05", 4'070'908'800) == 2105); // 2099
}

TEST_CASE("a date is relative to the reply's Date or else to its arrival") {
  constexpr auto text = "Sun, 06 Nov 1994 08:50:07 GMT";
  CHECK(read_wait(text, came(0, "Sun, 06 Nov 1994 08:49:37 GMT"), 10min)
        == 30s);
  CHECK(read_wait(text, came(0, "Sun Nov  6 08:49:37 1994"), 10min) == 30s);
  CHECK(read_wait(text, came(in_1994), 10min) == 30s);
  CHECK(read_wait(text, came(in_1994, "today"), 10min) == 30s);
  CHECK(read_wait(text, came(in_1994 + 60), 10min) == 0s);
  CHECK(read_wait(text, came(in_1994 - 86'400), 10min) == 10min);
}

TEST_CASE("seconds may have a fraction") {
  for (auto [text, wait] : {
         std::pair{"0", 0ms},
         std::pair{"15", 15'000ms},
         std::pair{"2.5", 2500ms},
         std::pair{"0.0001", 1ms},
         std::pair{"1.0000", 1000ms},
         std::pair{"600.001", 600'000ms},
         std::pair{"99999999999999999999999.5", 600'000ms},
       }) {
    CAPTURE(text);
    CHECK(read_wait(text, came(in_1994), 10min) == wait);
  }
  for (auto text :
       {"", ".", "1.", ".5", "-1", "+1", "1e3", "1.5.5", "1,5", "5s"})
    CHECK_FALSE(read_wait(text, came(in_1994), 10min));
}

TEST_CASE("the clocks differ by what a request's duration cannot explain") {
  using std::chrono::system_clock;
  auto ahead = [](int64_t at, std::chrono::milliseconds latency) {
    auto reply = came(at, "Sun, 06 Nov 1994 08:49:37 GMT");
    reply.latency = latency;
    return clock_ahead_of(reply);
  };
  CHECK(ahead(in_1994, 0ms) == 0s);
  CHECK(ahead(in_1994 + 1, 0ms) == 0s); // a Date is in whole seconds
  CHECK(ahead(in_1994 + 20, 20s) == 0s);
  CHECK(ahead(in_1994 + 60, 20s) == 40s);
  CHECK(ahead(in_1994 - 1, 0ms) == 0s);
  CHECK(ahead(in_1994 - 3600, 20s) == -3600s);
  CHECK_FALSE(clock_ahead_of(came(in_1994)));
  CHECK_FALSE(clock_ahead_of(came(in_1994, "today")));
  auto cached = came(in_1994, "Sun, 06 Nov 1994 08:49:37 GMT");
  cached.headers["age"] = "60";
  CHECK_FALSE(clock_ahead_of(cached));
}
