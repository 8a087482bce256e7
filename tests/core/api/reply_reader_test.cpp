#include "core/api/reply_reader.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using std::chrono::seconds;

namespace {

std::optional<std::chrono::milliseconds>
wait_hint(std::string value, std::string date = {}) {
  api_profile profile;
  http_reply reply;
  reply.headers["retry-after"] = std::move(value);
  if (!date.empty())
    reply.headers["date"] = std::move(date);
  return retry_hint(profile, reply);
}

} // namespace

TEST_CASE("only the API's own error body has a message") {
  api_profile profile;
  profile.error = {"/message", "/error/message", "/error"};
  struct row {
    std::string_view body;
    std::optional<std::string> message;
  };
  for (const auto& [body, message] : {
         row{R"({"message":"bad"})", "bad"},
         row{R"({"error":{"message":"worse"}})", "worse"},
         row{R"({"error":"E","message":"bad"})", "bad"},
         row{R"({"error":"E"})", "E"},
         row{R"({"message":"a\nb"})", "a\\x0ab"},
         row{R"({"message":"","error":"E"})", ""},
         row{R"({"message":404})", std::nullopt},
         row{R"({"message":null})", std::nullopt},
         row{R"(["message"])", std::nullopt},
         row{R"("message")", std::nullopt},
         row{"<html>502</html>", std::nullopt},
         row{"", std::nullopt},
         row{R"({"message":"cut)", std::nullopt},
       })
    CHECK(error_message(profile, body) == message);
  profile.error = {""};
  CHECK_FALSE(error_message(profile, R"("text")"));
}

TEST_CASE("a wait is given in seconds or as a date and is limited") {
  CHECK(wait_hint("15") == seconds{15});
  CHECK(wait_hint("0") == seconds{0});
  CHECK(wait_hint("601") == seconds{600});
  CHECK(wait_hint("99999999999999999999999") == seconds{600});
  auto now = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(wait_hint("Sun, 06 Nov 1994 08:50:07 GMT", now) == seconds{30});
  CHECK(wait_hint("Sun, 06 Nov 1994 08:49:07 GMT", now) == seconds{0});
  CHECK(wait_hint("Mon, 07 Nov 1994 08:49:37 GMT", now) == seconds{600});
}

TEST_CASE("an invalid wait is ignored") {
  for (auto text : {"", "-1", "1.", "soon", " 5", "5s", "0x10", "today"})
    CHECK_FALSE(wait_hint(text));
  CHECK_FALSE(retry_hint({}, {}));
}

TEST_CASE("a 429 without a wait lasts until its exhausted quota resets") {
  http_reply reply;
  reply.headers = {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "40"}};
  CHECK_FALSE(retry_hint({}, reply));
  reply.status = 429;
  CHECK(retry_hint({}, reply) == seconds{40});
  reply.headers["retry-after"] = "soon";
  CHECK(retry_hint({}, reply) == seconds{40});
  reply.headers["retry-after"] = "7";
  CHECK(retry_hint({}, reply) == seconds{7});
  reply.headers = {{"x-ratelimit-reset", "86400"}};
  CHECK(retry_hint({}, reply) == seconds{600});
}

TEST_CASE("the profile names the header that holds the wait") {
  api_profile profile;
  profile.wait_header = "X-Wait";
  http_reply reply;
  reply.headers = {{"retry-after", "1"}, {"x-wait", "2"}};
  CHECK(retry_hint(profile, reply) == seconds{2});
}
