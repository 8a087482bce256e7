#include "actors/sinks/webhook_verdict.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace sluice;
using std::chrono::milliseconds;

namespace {

http_reply replied(int status, std::string body = {}) {
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

} // namespace

TEST_CASE("the status decides what happens to a delivery", "[sinks][webhook]") {
  const std::vector<std::pair<std::vector<int>, webhook_action>> rows{
    {{200, 201, 202, 204, 299}, webhook_action::delivered},
    {{400, 413, 422}, webhook_action::halve},
    {{408, 425, 429, 500, 502, 503, 504, 599}, webhook_action::retry},
    {{301, 302, 307, 308}, webhook_action::stop},
    {{401, 402, 403, 404, 405, 409, 410, 451}, webhook_action::stop},
  };
  for (const auto& [statuses, action] : rows)
    for (auto status : statuses) {
      CAPTURE(status);
      auto verdict = judge_webhook(replied(status));
      CHECK(verdict.action == action);
      CHECK(verdict.hint.empty() == (action != webhook_action::stop));
    }
}

TEST_CASE("a delivery without a complete reply is repeated",
          "[sinks][webhook]") {
  http_reply reply;
  reply.detail = "connection\x1B[2J refused";
  reply.outcome =
    GENERATE(transport_outcome::not_sent, transport_outcome::broken);
  auto verdict = judge_webhook(reply);
  CHECK(verdict.action == webhook_action::retry);
  CHECK(verdict.message.find("\\x1b[2J refused") != std::string::npos);
}

TEST_CASE("a status counts even if the reply body is too large",
          "[sinks][webhook]") {
  auto reply = replied(200);
  reply.outcome = transport_outcome::too_large;
  CHECK(judge_webhook(reply).action == webhook_action::delivered);
}

TEST_CASE("the receiver's message is shown escaped and truncated",
          "[sinks][webhook]") {
  auto verdict =
    judge_webhook(replied(422, "bad\x07 price " + std::string(5000, 'x')));
  CHECK(verdict.message.starts_with("answered 422: bad\\x07 price xx"));
  CHECK(verdict.message.size() < 300);
}

TEST_CASE("Retry-After is a minimum wait within limits", "[sinks][webhook]") {
  const std::string date = "Wed, 21 Oct 2026 07:28:00 GMT";
  const std::chrono::system_clock::time_point came{
    std::chrono::seconds{1'792'567'685}}; // 5 s later, by our clock
  struct row {
    std::string retry_after;
    std::string date;
    milliseconds wait;
  };
  const std::vector<row> rows{
    {"7", "", milliseconds{7'000}},
    {"0", "", milliseconds{0}},
    {"-5", "", milliseconds{0}},
    {"86400", "", longest_webhook_wait},
    {"99999999999999999999", "", longest_webhook_wait},
    {"soon", "", milliseconds{0}},
    {"Wed, 21 Oct 2026 07:28:09 GMT", date, milliseconds{9'000}},
    {"Wed, 21 Oct 2026 07:27:00 GMT", date, milliseconds{0}},
    {"Thu, 22 Oct 2026 07:28:00 GMT", date, longest_webhook_wait},
    {"2.5", "", milliseconds{2'500}},
    {"Wednesday, 21-Oct-26 07:28:09 GMT", date, milliseconds{9'000}},
    {"Wed Oct 21 07:28:09 2026", date, milliseconds{9'000}},
    {"Wed, 21 Oct 2026 07:28:09 GMT", "", milliseconds{4'000}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.retry_after, row.date);
    auto reply = replied(503);
    reply.received = came;
    reply.headers["retry-after"] = row.retry_after;
    if (!row.date.empty())
      reply.headers["date"] = row.date;
    CHECK(judge_webhook(reply).wait == row.wait);
  }
  CHECK(judge_webhook(replied(503)).wait == milliseconds{0});
}
