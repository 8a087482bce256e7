// The registered webhook over real connections.

#include "actors/sinks/registry.hpp"
#include "tests/actors/sinks/contract_fixture.hpp"
#include "tests/actors/sinks/webhook_server.hpp"
#include "tests/support/pages.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/sink_sections.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>
#include <openssl/hmac.h>

using namespace sluice;
using test::given_values;
using test::page_of;
using test::promise;
using test::webhook_server;

namespace {

class webhook_fixture : public test::contract_fixture {
public:
  given_values section() override {
    return {{"url", server_.url()}, {"batch.captures", int64_t{1}}};
  }
  promise promised() const override { return promise::at_least_once; }
  std::string lines() override {
    std::string all;
    for (const auto& body : server_.bodies()) {
      append_capture(all, std::string_view{body}.substr(1, body.size() - 2));
      all += '\n';
    }
    return all;
  }

private:
  webhook_server server_{[](const auto&, auto&) {}};
};

const test::contract_entry entry{
  "webhook", "", [] { return std::make_unique<webhook_fixture>(); }};

std::unique_ptr<sink>
opened_hook(given_values given,
            std::optional<sink_position> at = std::nullopt) {
  auto type = find_sink_type("webhook");
  REQUIRE(type);
  auto section = test::section_of(type->spec, std::move(given));
  REQUIRE_FALSE(type->check({"job", "hook"}, section));
  auto made = type->make({"job", "hook"}, section);
  auto err = made->open(at);
  INFO(what_of(err));
  REQUIRE_FALSE(err);
  return made;
}

std::string signature_of(const std::string& key, const std::string& body) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), bytes,
       &size);
  std::string text = "sha256=";
  for (unsigned i = 0; i < size; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    text += digits;
  }
  return text;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a delivery arrives complete, signed and typed",
          "[sinks][webhook][http]") {
  webhook_server server{
    [](const auto&, auto& response) { response.status = 202; }};
  auto hook = opened_hook({
    {"url", server.url()},
    {"headers", std::map<std::string, std::string>{{"X-Team", "shoes"}}},
    {"secret", secret{[] { return caf::expected<std::string>{"s3cret"}; }}},
  });
  REQUIRE_FALSE(hook->write(page_of(1, {R"({"a": 12.340})", "{\n\"b\":1}"})));
  auto requests = server.requests();
  REQUIRE(requests.size() == 1);
  const auto& request = requests[0];
  CHECK(request.body == "[{\"a\": 12.340},{\n\"b\":1}]");
  CHECK(request.get_header_value("Content-Type") == "application/json");
  CHECK(request.get_header_value("X-Team") == "shoes");
  CHECK(request.get_header_value("X-Sluice-Signature")
        == signature_of("s3cret", request.body));
  CHECK_FALSE(request.has_header("Authorization"));
}

TEST_CASE("a delivery is repeated with the same key after a 500",
          "[sinks][webhook][http]") {
  int seen = 0;
  webhook_server server{[&](const auto&, auto& response) {
    if (++seen == 2) {
      response.status = 500;
      response.set_header("Retry-After", "7");
    }
  }};
  given_values given{{"url", server.url()}, {"batch.captures", int64_t{2}}};
  auto page = page_of(1, {"1", "2", "3"});
  auto hook = opened_hook(given);
  auto position = hook->checkpoint();
  REQUIRE(position);
  auto err = hook->write(page);
  CHECK(code_of(err) == ec::unavailable);
  CHECK(wait_of(err) == std::chrono::seconds{7});
  CHECK_FALSE(hook->write(page));
  CHECK(server.bodies() == strings{"[1,2]", "[3]", "[3]"});
  // A restart from the committed position sends everything again.
  hook = opened_hook(given, *position);
  CHECK_FALSE(hook->write(page));
  auto requests = server.requests();
  REQUIRE(requests.size() == 5);
  auto key = [&](size_t i) {
    return requests[i].get_header_value("Idempotency-Key");
  };
  CHECK(key(1) == key(2));
  CHECK(key(3) == key(0));
  CHECK(key(4) == key(1));
  CHECK(key(0) != key(1));
}

TEST_CASE("captures that are too large become dead letters",
          "[sinks][webhook][http]") {
  test::temp_folder folder;
  webhook_server server{[](const auto& request, auto& response) {
    response.status = request.body.size() > 8 ? 413 : 200;
    response.set_content("too large", "text/plain");
  }};
  auto hook = opened_hook(
    {{"url", server.url()}, {"dead_letter", (folder / "dead").string()}});
  REQUIRE_FALSE(hook->write(page_of(1, {"1", "22", "\"3333333\"", "4"})));
  REQUIRE(hook->checkpoint());
  CHECK(server.bodies()
        == strings{"[1,22,\"3333333\",4]", "[1,22]", "[\"3333333\",4]",
                   "[\"3333333\"]", "[4]"});
  CHECK(test::content_of(folder / "dead")
        == R"({"capture":"3333333","status":413,)"
           R"("message":"answered 413: too large","sink":"hook"})"
           "\n");
}

TEST_CASE("a redirect of a delivery is not followed",
          "[sinks][webhook][http]") {
  webhook_server server{[&](const auto&, auto& response) {
    response.status = 307;
    response.set_header("Location", "/hook");
  }};
  auto hook = opened_hook({{"url", server.url()}});
  CHECK(code_of(hook->write(page_of(1, {"1"}))) == ec::refused);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a long reply to an accepted delivery does not matter",
          "[sinks][webhook][http]") {
  webhook_server server{[&](const auto&, auto& response) {
    response.set_content(std::string(1 << 20, 'x'), "text/plain");
  }};
  auto hook = opened_hook({{"url", server.url()}});
  CHECK_FALSE(hook->write(page_of(1, {"1"})));
}

TEST_CASE("an interim reply or a trailer does not repeat a delivery",
          "[sinks][webhook][http]") {
  auto ok = test::http_text(200, "");
  auto chunked = std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
                             "\r\n\r\n2;x\r\nOK\r\n0\r\nX-Sum: 1\r\n\r\n"};
  auto not_gzip = test::http_text(200, "OK", {"Content-Encoding: gzip"});
  for (const auto& reply :
       {"HTTP/1.1 102 Processing\r\n\r\n" + ok,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + ok,
        chunked, not_gzip}) {
    CAPTURE(reply);
    test::scripted_server server{{{{reply}}, {{reply}}}};
    auto hook = opened_hook({{"url", server.base() + "/hook"}});
    CHECK_FALSE(hook->write(page_of(1, {"1"})));
    CHECK(server.requests().size() == 1);
  }
}

TEST_CASE("the webhook waits for a receiver that is unreachable",
          "[sinks][webhook][http]") {
  std::string url;
  {
    webhook_server server{[](const auto&, auto&) {}};
    url = server.url();
  }
  auto hook = opened_hook({{"url", url}});
  auto err = hook->write(page_of(1, {"1"}));
  CHECK(code_of(err) == ec::unavailable);
  CHECK(what_of(err).find("127.0.0.1") != std::string::npos);
}

TEST_CASE("a rehearsed webhook sends nothing and needs no secret",
          "[sinks][webhook]") {
  webhook_fixture world;
  auto given = world.section();
  given["secret"] = secret{[]() -> caf::expected<std::string> {
    return make_error(ec::usage, "not set");
  }};
  auto type = find_sink_type("webhook");
  REQUIRE(type);
  auto sink =
    type->rehearse({"job", "name"}, test::section_of(type->spec, given));
  REQUIRE_FALSE(sink->open(std::nullopt));
  REQUIRE_FALSE(sink->write(page_of(1, {"1"})));
  CHECK(world.lines() == "");
}

TEST_CASE(
  "a dead letter file that cannot be created is detected before a start",
  "[sinks][webhook]") {
  test::temp_folder folder;
  auto type = find_sink_type("webhook");
  REQUIRE(type);
  auto check = [&](const std::string& path) {
    return type->check_first_start(test::section_of(
      type->spec,
      {{"url", std::string{"https://hooks.example/"}}, {"dead_letter", path}}));
  };
  CHECK_FALSE(check((folder / "dead.jsonl").string()));
  CHECK_FALSE(std::filesystem::exists(folder / "dead.jsonl"));
  auto err = check((folder / "none/dead.jsonl").string());
  CHECK(code_of(err) == ec::disk);
  CHECK_THAT(what_of(err), Catch::Contains("dead.jsonl"));
  CHECK_FALSE(type->check_first_start(test::section_of(
    type->spec, {{"url", std::string{"https://hooks.example/"}}})));
}
