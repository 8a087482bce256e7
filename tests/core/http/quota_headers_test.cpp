#include "core/http/quota_headers.hpp"
#include "core/model/quota.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using headers = std::map<std::string, std::string>;

http_reply quota_reply(headers given) {
  http_reply reply;
  reply.status = 200;
  reply.headers = std::move(given);
  return reply;
}

headers pair(std::string remaining, std::string reset) {
  return {{"x-ratelimit-limit", "30"},
          {"x-ratelimit-remaining", std::move(remaining)},
          {"x-ratelimit-reset", std::move(reset)}};
}

headers field(std::string value) {
  return {{"ratelimit", std::move(value)}};
}

constexpr auto date = "Fri, 01 Mar 2024 12:00:00 GMT";
constexpr int64_t sent = 1'709'294'400; ///< the same, in seconds

headers at(const std::string& reset) {
  auto given = pair("0", reset);
  given["date"] = date;
  return given;
}

} // namespace

TEST_CASE("each form of the headers gives the quota that is left") {
  struct row {
    headers given;
    std::optional<quota_left> left;
  };
  for (const auto& [given, left] : {
         row{pair("12", "3"), quota_left{12, 3s}},
         row{pair("0", "0"), quota_left{0, 0s}},
         row{{{"x-ratelimit-remaining", "7"}}, quota_left{7, {}}},
         row{{{"ratelimit-limit", "30, 30;w=15"},
              {"ratelimit-remaining", "12"},
              {"ratelimit-reset", "3"}},
             quota_left{12, 3s}},
         row{field(R"("default";r=12;t=3)"), quota_left{12, 3s}},
         row{field(R"(default; r=12 ;t=3;pk=:cHJ:)"), quota_left{12, 3s}},
         row{field(R"("a;r=1,b";r=12)"), quota_left{12, {}}},
         row{field("limit=30, remaining=12, reset=3"), quota_left{12, 3s}},
         row{{}, std::nullopt},
         row{{{"x-ratelimit-reset", "3"}}, std::nullopt},
         row{field(R"("default";t=3)"), std::nullopt},
       }) {
    CAPTURE(given);
    CHECK(left_of_quota(quota_reply(given)) == left);
  }
}

TEST_CASE("the standard field takes precedence over older ones") {
  auto given = pair("12", "3");
  given["ratelimit-remaining"] = "11";
  CHECK(left_of_quota(quota_reply(given)) == quota_left{11, {}});
  given["ratelimit"] = R"("default";r=10;t=1)";
  CHECK(left_of_quota(quota_reply(given)) == quota_left{10, 1s});
  given["ratelimit"] = "nonsense";
  CHECK(left_of_quota(quota_reply(given)) == quota_left{11, {}});
}

TEST_CASE("a reset is a duration or a point in time") {
  struct row {
    std::string reset;
    std::optional<std::chrono::milliseconds> wait;
  };
  for (const auto& [reset, wait] : {
         row{"60", 60s},
         row{"0.2", 1s},
         row{"3.000", 3s},
         row{std::to_string(sent + 20), 20s},
         row{std::to_string(sent), 0s},
         row{std::to_string(sent - 3600), 0s},
         row{std::to_string(sent * 1000 + 1500), 1500ms},
       }) {
    CAPTURE(reset);
    CHECK(left_of_quota(quota_reply(at(reset))) == quota_left{0, wait});
  }
  auto undated = quota_reply(pair("0", std::to_string(sent + 20)));
  undated.received =
    std::chrono::system_clock::time_point{std::chrono::seconds{sent + 5}};
  CHECK(left_of_quota(undated) == quota_left{0, 15s});
}

TEST_CASE("invalid numbers are treated as absent") {
  for (auto text : {"", "-1", "many", "1e3", "0x10", "+5", "5 requests",
                    "99999999999999999999999", "1,2"}) {
    CAPTURE(text);
    CHECK_FALSE(left_of_quota(quota_reply(pair(text, "3"))));
  }
  for (auto text :
       {"", "-1", "1m0s", "1.", ".5", "1.x", "soon", "99999999999999999999999",
        "18446744073709551615.5", "100000000000000"}) {
    CAPTURE(text);
    auto given = at(text);
    CHECK(left_of_quota(quota_reply(given)) == quota_left{0, {}});
    CHECK_FALSE(exhausted_for(quota_reply(given)));
  }
  for (auto text : {R"("unclosed;r=1;t=2)", ";;;", ",,,", "=;=,=", "r", "\""}) {
    CAPTURE(text);
    CHECK_FALSE(left_of_quota(quota_reply(field(text))));
  }
}

TEST_CASE("a quota that resets after more than a minute is ignored") {
  CHECK(left_of_quota(quota_reply(pair("0", "60"))) == quota_left{0, 60s});
  CHECK_FALSE(left_of_quota(quota_reply(pair("0", "61"))));
  CHECK_FALSE(left_of_quota(quota_reply(at(std::to_string(sent + 40'000)))));
  CHECK(
    left_of_quota(quota_reply(field(R"("day";r=2;t=40000, "minute";r=9;t=4)")))
    == quota_left{9, 4s});
}

TEST_CASE("the quota with the least left counts, and among equals the one that "
          "resets last") {
  CHECK(
    left_of_quota(quota_reply(field(R"("a";r=9;t=1, "b";r=4;t=7, "c";r=5)")))
    == quota_left{4, 7s});
  CHECK(
    left_of_quota(quota_reply(field(R"("a";r=0, "b";r=0;t=7, "c";r=0;t=3)")))
    == quota_left{0, 7s});
  std::string many;
  for (auto i = 0; i < 1000; ++i)
    many += R"("q";r=)" + std::to_string(5000 - i) + ",";
  CHECK(left_of_quota(quota_reply(field(many))) == quota_left{4985, {}});
}

TEST_CASE("a 429 is attributed to any exhausted quota") {
  CHECK(exhausted_for(quota_reply(pair("0", "40"))) == 40s);
  CHECK(exhausted_for(quota_reply(pair("0", "86400"))) == 24h);
  CHECK(exhausted_for(quota_reply({{"ratelimit-reset", "9"}})) == 9s);
  CHECK_FALSE(exhausted_for(quota_reply(pair("5", "40"))));
  CHECK_FALSE(exhausted_for(quota_reply({})));
  CHECK(exhausted_for(
          quota_reply(field(R"("day";r=2;t=40000, "a";r=0;t=4, "b";r=0;t=2)")))
        == 4s);
}
