#include "actors/sinks/webhook.hpp"
#include "core/base/digest.hpp"
#include "core/base/log.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace sluice;
using namespace std::chrono_literals;
using test::content_of;
using test::page_of;
using test::temp_folder;

namespace {

/// A receiver in memory that answers a body with `answer` and keeps the
/// requests.
struct receiver {
  std::function<http_reply(const std::string&)> answer;
  std::vector<http_request> requests;
  time_point now{};

  webhook_ports ports() {
    return {[this](const http_request& request) {
              requests.push_back(request);
              return answer(request.body);
            },
            [this] { return now; }};
  }

  [[nodiscard]] std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const auto& request : requests)
      out.push_back(request.body);
    return out;
  }
};

http_reply status(int code) {
  http_reply reply;
  reply.outcome = transport_outcome::complete;
  reply.status = code;
  return reply;
}

std::string header_of(const http_request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name)
      return value;
  return {};
}

webhook_options options_for(size_t captures) {
  webhook_options options;
  options.url = "https://hooks.example/t0ken";
  options.batch_captures = captures;
  return options;
}

std::unique_ptr<sink> opened(receiver& to, webhook_options options,
                             std::optional<sink_position> at = std::nullopt) {
  auto made =
    make_webhook_sink({"job-1", "hook"}, std::move(options), to.ports());
  auto err = made->open(at);
  INFO(what_of(err));
  REQUIRE_FALSE(err);
  return made;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a page is sent in slices, in order, each once", "[sinks][webhook]") {
  receiver to{[](const auto&) { return status(200); }, {}};
  auto hook = opened(to, options_for(2));
  REQUIRE_FALSE(hook->write(page_of(1, {"1", "2", "3"})));
  REQUIRE_FALSE(hook->write(page_of(2, {"4"})));
  CHECK(to.bodies() == strings{"[1,2]", "[3]", "[4]"});
  CHECK(hook->checkpoint() == sink_position{"v1 captures=4 dead_letters=0"});
}

TEST_CASE("a repeated write continues where it stopped", "[sinks][webhook]") {
  int failures = 2;
  receiver to{[&](const std::string& body) {
                return body == "[2]" && failures-- > 0 ? status(500)
                                                       : status(204);
              },
              {}};
  auto hook = opened(to, options_for(1));
  auto page = page_of(1, {"1", "2", "3"});
  CHECK(code_of(hook->write(page)) == ec::unavailable);
  CHECK(code_of(hook->write(page)) == ec::unavailable);
  CHECK_FALSE(hook->write(page));
  CHECK(to.bodies() == strings{"[1]", "[2]", "[2]", "[2]", "[3]"});
  // The next page starts from its beginning, even if it is the same one again.
  CHECK_FALSE(hook->write(page));
  CHECK(to.requests.size() == 8);
}

TEST_CASE("a receiver's Retry-After reaches the shell", "[sinks][webhook]") {
  receiver to{[](const auto&) {
                auto reply = status(429);
                reply.headers["retry-after"] = "7";
                return reply;
              },
              {}};
  auto hook = opened(to, options_for(1));
  auto err = hook->write(page_of(1, {"1"}));
  CHECK(is_retryable(err));
  CHECK(wait_of(err) == 7s);
  CHECK(what_of(err).find("hooks.example") != std::string::npos);
  CHECK(what_of(err).find("t0ken") == std::string::npos);
}

TEST_CASE("a refused delivery is halved until the bad capture is alone",
          "[sinks][webhook]") {
  temp_folder folder;
  auto code = GENERATE(400, 413, 422);
  receiver to{[&](const std::string& body) {
                return status(body.find('5') == body.npos ? 200 : code);
              },
              {}};
  auto options = options_for(8);
  options.dead_letter = folder / "dead.jsonl";
  auto hook = opened(to, options);
  REQUIRE_FALSE(
    hook->write(page_of(1, {"1", "2", "3", "4", "5", "6", "7", "8"})));
  CHECK(to.bodies()
        == strings{"[1,2,3,4,5,6,7,8]", "[1,2,3,4]", "[5,6,7,8]", "[5,6]",
                   "[5]", "[6]", "[7,8]"});
  CHECK(hook->dead_letters() == 1);
  auto line = R"({"capture":5,"status":)" + std::to_string(code)
              + R"(,"message":"answered )" + std::to_string(code)
              + R"(","sink":"hook"})" + "\n";
  auto position = hook->checkpoint();
  REQUIRE(position);
  CHECK(position->starts_with("v1 base=0 captures=7 dead_letters=1 length="
                              + std::to_string(line.size()) + " tail="));
  CHECK(content_of(folder / "dead.jsonl") == line);
}

TEST_CASE("a refused capture without a dead letter file stops the job",
          "[sinks][webhook]") {
  receiver to{[](const auto&) { return status(422); }, {}};
  auto hook = opened(to, options_for(2));
  auto err = hook->write(page_of(1, {"1", "2"}));
  CHECK(code_of(err) == ec::refused);
  for (auto part : {"hooks.example", "422", "dead_letter"})
    CHECK(what_of(err).find(part) != std::string::npos);
}

TEST_CASE("a wrong address or wrong credentials stop the job at once",
          "[sinks][webhook]") {
  auto code = GENERATE(301, 401, 404);
  receiver to{[&](const auto&) { return status(code); }, {}};
  auto hook = opened(to, options_for(1));
  auto err = hook->write(page_of(1, {"1", "2"}));
  CHECK(code_of(err) == ec::refused);
  CHECK(what_of(err).find(std::to_string(code)) != std::string::npos);
  CHECK(to.requests.size() == 1);
}

TEST_CASE("a webhook that stays down stops the job after max_down",
          "[sinks][webhook]") {
  bool up = false;
  receiver to{[&](const auto&) { return status(up ? 200 : 503); }, {}};
  auto hook = opened(to, options_for(1));
  auto page = page_of(1, {"1"});
  CHECK(code_of(hook->write(page)) == ec::unavailable);
  to.now += 1h;
  CHECK(code_of(hook->write(page)) == ec::unavailable);
  SECTION("after the hour") {
    to.now += 1ms;
    auto err = hook->write(page);
    CHECK(code_of(err) == ec::stopped);
    CHECK(what_of(err).find("has been down for 1 h 00 min, longer than "
                            "max_down (1h): it answered 503")
          != std::string::npos);
  }
  SECTION("a success in between restarts the hour") {
    up = true;
    CHECK_FALSE(hook->write(page));
    up = false;
    to.now += 30min;
    CHECK(code_of(hook->write(page_of(2, {"2"}))) == ec::unavailable);
  }
}

TEST_CASE("a webhook that stays down may fill its dead letter file instead",
          "[sinks][webhook]") {
  temp_folder folder;
  bool up = false;
  receiver to{[&](const auto&) {
                http_reply reply;
                reply.outcome = transport_outcome::not_sent;
                reply.detail = "refused";
                return up ? status(200) : reply;
              },
              {}};
  auto options = options_for(2);
  options.dead_letter = folder / "dead.jsonl";
  options.on_down = webhook_options::down_rule::dead_letter;
  auto hook = opened(to, options);
  auto page = page_of(1, {"1", "2", "3"});
  CHECK(code_of(hook->write(page)) == ec::unavailable);
  to.now += 1h + 1ms;
  auto before = recent_problems();
  CHECK_FALSE(hook->write(page));
  CHECK(hook->dead_letters() == 3);
  // Two deliveries become dead letters and are reported once.
  auto told = recent_problems();
  CHECK(told.warnings == before.warnings + 1);
  auto& event = told.latest.back();
  CHECK(event.event == "dead_letter");
  CHECK(event.fields.at(2).second == (folder / "dead.jsonl").string());
  up = true;
  CHECK_FALSE(hook->write(page_of(2, {"4"})));
  REQUIRE(hook->checkpoint());
  auto dead = content_of(folder / "dead.jsonl");
  CHECK(std::count(dead.begin(), dead.end(), '\n') == 3);
  CHECK(dead.find(R"({"capture":2,"status":0,"message":"cannot be reached)")
        != dead.npos);
}

TEST_CASE("dead letters are covered by checkpoints", "[sinks][webhook]") {
  temp_folder folder;
  receiver to{[](const auto&) { return status(400); }, {}};
  auto options = options_for(1);
  options.dead_letter = folder / "dead.jsonl";
  std::optional<sink_position> at;
  {
    auto hook = opened(to, options);
    REQUIRE_FALSE(hook->write(page_of(1, {"1"})));
    auto position = hook->checkpoint();
    REQUIRE(position);
    at = *position;
    REQUIRE_FALSE(hook->write(page_of(2, {"2"})));
    REQUIRE(hook->checkpoint()); // answered but never committed
  }
  auto hook = opened(to, options, at);
  CHECK(hook->dead_letters() == 1);
  REQUIRE_FALSE(hook->write(page_of(2, {"2"})));
  CHECK(hook->dead_letters() == 2);
  auto position = hook->checkpoint();
  REQUIRE(position);
  CHECK(position->find("dead_letters=2") != position->npos);
  auto dead = content_of(folder / "dead.jsonl");
  CHECK(std::count(dead.begin(), dead.end(), '\n') == 2);
}

TEST_CASE("a dead letter file added later is not cut", "[sinks][webhook]") {
  temp_folder folder;
  test::fill(folder / "dead.jsonl", "old\n");
  receiver to{[](const auto&) { return status(200); }, {}};
  auto options = options_for(1);
  options.dead_letter = folder / "dead.jsonl";
  auto hook = opened(to, options, "v1 captures=4 dead_letters=0");
  CHECK(hook->checkpoint()
        == sink_position{"v1 base=4 captures=4 dead_letters=0 length=4"});
  CHECK(content_of(folder / "dead.jsonl") == "old\n");
}

TEST_CASE("equal deliveries have equal keys and different ones do not",
          "[sinks][webhook]") {
  auto key = [](const std::string& job, const std::string& name,
                const std::string& capture) {
    receiver to{[](const auto&) { return status(200); }, {}};
    auto hook = make_webhook_sink({job, name}, options_for(1), to.ports());
    REQUIRE_FALSE(hook->open(std::nullopt));
    REQUIRE_FALSE(hook->write(page_of(1, {capture})));
    return header_of(to.requests.at(0), "Idempotency-Key");
  };
  auto first = key("job", "hook", "1");
  CHECK(first.size() == 64);
  CHECK(first == key("job", "hook", "1")); // reopened, as after a restart
  std::set<std::string> keys{first, key("job", "hook", "2"),
                             key("job", "hooks", "1"), key("jobh", "ook", "1")};
  CHECK(keys.size() == 4);
}

TEST_CASE("a secret signs the body and the configured headers are sent",
          "[sinks][webhook]") {
  receiver to{[](const auto&) { return status(200); }, {}};
  auto options = options_for(2);
  options.headers = {{"X-Team", "shoes"}};
  SECTION("with a secret") {
    options.key = [] { return caf::expected<std::string>{"Jefe"}; };
    auto hook = opened(to, options);
    REQUIRE_FALSE(hook->write(page_of(1, {"1", "2"})));
    CHECK(header_of(to.requests.at(0), "X-Sluice-Signature")
          == "sha256=" + hmac_sha256_hex("Jefe", "[1,2]"));
  }
  SECTION("without") {
    auto hook = opened(to, options);
    REQUIRE_FALSE(hook->write(page_of(1, {"1", "2"})));
    CHECK(header_of(to.requests.at(0), "X-Sluice-Signature").empty());
  }
  const auto& request = to.requests.at(0);
  CHECK(request.method == "POST");
  CHECK(request.content_type == "application/json");
  CHECK(header_of(request, "X-Team") == "shoes");
}

TEST_CASE("a secret that cannot be resolved prevents the start",
          "[sinks][webhook]") {
  receiver to{[](const auto&) { return status(200); }, {}};
  auto options = options_for(1);
  options.key = []() -> caf::expected<std::string> {
    return make_error(ec::usage, "HOOK_SECRET is not set. Set it.");
  };
  auto hook = make_webhook_sink({"job", "hook"}, options, to.ports());
  CHECK(code_of(hook->open(std::nullopt)) == ec::usage);
}
