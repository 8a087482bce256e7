#include "actors/sinks/webhook_options.hpp"
#include "tests/support/sink_sections.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

webhook_options good() {
  webhook_options options;
  options.url = "https://hooks.example/t0ken?a=b";
  options.headers = {{"X-Team", "shoes"}, {"Authorization", "Basic s3cret"}};
  return options;
}

caf::error check(const webhook_options& options) {
  return check_webhook_options({"job", "hook"}, options);
}

} // namespace

TEST_CASE("a valid webhook section is accepted", "[sinks][webhook]") {
  CHECK_FALSE(check(good()));
}

TEST_CASE("a webhook's URL must be usable for a POST and is not shown",
          "[sinks][webhook]") {
  auto url = GENERATE("ftp://hooks.example/t0ken", "hooks.example/t0ken",
                      "https://", "https://hooks.example/t0ken x",
                      "https://user:t0ken@hooks.example/");
  auto options = good();
  options.url = url;
  auto err = check(options);
  CHECK(code_of(err) == ec::usage);
  CHECK(what_of(err).find("'hook'") != std::string::npos);
  CHECK(what_of(err).find("t0ken") == std::string::npos);
}

TEST_CASE("a header can neither smuggle in another nor replace one of ours",
          "[sinks][webhook]") {
  auto [name, value] = GENERATE(table<std::string, std::string>({
    {"X-A", "s3cret\r\nX-B: 1"},
    {"X-A", "s3cret\n"},
    {"X-A", std::string("s3cret\0", 7)},
    {"X A", "s3cret"},
    {"X-A\r\nX-B", "s3cret"},
    {"", "s3cret"},
    {"content-TYPE", "text/plain"},
    {"Host", "other.example"},
    {"Transfer-Encoding", "chunked"},
    {"Idempotency-Key", "1"},
    {"X-Sluice-Signature", "1"},
  }));
  auto options = good();
  options.headers[name] = value;
  auto err = check(options);
  CHECK(code_of(err) == ec::usage);
  CHECK(what_of(err).find("s3cret") == std::string::npos);
}

TEST_CASE("on_down: dead_letter needs a dead letter file", "[sinks][webhook]") {
  auto options = good();
  options.on_down = webhook_options::down_rule::dead_letter;
  CHECK(code_of(check(options)) == ec::usage);
  options.dead_letter = "/tmp/dead.jsonl";
  CHECK_FALSE(check(options));
}

TEST_CASE("the tokens of a webhook are masked once its section is read",
          "[sinks][webhook]") {
  using texts = std::map<std::string, std::string>;
  config::sink_spec spec{.type = "webhook", .fields = webhook_fields()};
  auto section = test::section_of(
    spec, {{"url", "https://hooks.example/B0-0123456789abcdef?sig=signature-1"},
           {"headers", texts{{"X-Auth", "hook-tok-1"}, {"X-Team", "shoes"}}}});
  CHECK(read_webhook_options(section).headers.size() == 2);
  CHECK(printable("no B0-0123456789abcdef, signature-1 or hook-tok-1 of shoes")
        == "no ***, *** or *** of shoes");
}
